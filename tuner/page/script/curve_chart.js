// The chart of one metric's curves. Few trials are drawn line by line; of many, the middle and the
// spread are drawn, and lines only for those that have a colour or are lit; of groups, their means.
import { togglePin } from "./acts.js";
import { drawBeside, drawLevels, namedLevels, roomBeside } from "./beside.js";
import { drawGroup, drawLines, drawSeries, drawSpread, MANY } from "./curve_lines.js";
import { crosshair, describe, groupCross, pickOn } from "./curve_reading.js";
import { counted, numberText, shortText, visible } from "./format.js";
import { groupsOf, meanBand } from "./grouping.js";
import { plot } from "./plot.js";
import { legendOf } from "./points.js";
import { comparable, quantity } from "./quantities.js";
import { countAxis, extent, numberAxis, robustDomain, timeAxis } from "./scales.js";
import { view } from "./state.js";

const [USUAL, ROOM] = [0.8, 0.15]; // shares: of trials, and of their range
const CLIPPED = { reach: 2.5, middle: 0.5 }; // how far out values may lie

/** The chart of the metric `name` over `x` (axes_x.js); `prefix` tells it from others of it. */
export function curveChart(name, selection, stamp, x, prefix = "") {
  const column = selection.studies.map((study) => study.columns[name]).find(Boolean);
  const series = selection.shown
    .map((trial) => ({ trial, points: points(trial, name, x), slot: selection.slot(trial) }))
    .filter((one) => one.points.length);
  const groups = view.group && !prefix ? grouped(name, series, selection) : null;
  const spread =
    !groups && (view.lines === "spread" || (view.lines === "auto" && series.length > MANY));
  const levels = namedLevels(
    selection.studies.flatMap((study) => study.compared),
    name,
  );
  const values = series.flatMap((curve) => curve.points.map((pair) => pair[1]));
  const asked = view.log && (column?.less ?? false);
  const log = asked && values.some((value) => value > 0);
  const best = new Set(selection.studies.map((study) => study.best));
  const reached = series.filter(({ trial }) => best.has(trial)).map(({ points: p }) => p.at(-1)[1]);
  const wanted = [...levels.map(({ value }) => value), ...typical(series), ...reached];
  const also = wanted.filter((value) => !log || value > 0);
  const ys = robustDomain(values, { also, log, ...(view.clip ? CLIPPED : { reach: Infinity }) });
  const xs = extent(series.flatMap((curve) => curve.points.map((pair) => pair[0]))) ?? [0, 1];
  const broken = selection.shown.filter((trial) => trial.epochs.broken[name]?.length).length;
  const outside = series.filter((curve) => curve.points.some(([, y]) => y < ys[0] || y > ys[1])).length;
  const unit = column?.unit ? `, ${column.unit}` : "";
  const logx = view.logx && xs[0] > 0;
  const names = [...levels, ...(groups ? groupEnds(groups) : ends(series, selection))];
  const chart = { name, series, x, column, selection };
  return plot({
    key: `${prefix}${name}`,
    title: name,
    note: [
      visible(column?.label ?? ""),
      log ? "log scale" : asked && values.length ? "no log scale: nothing is above zero" : "",
      column?.less ? "less is better" : "",
      groups?.some((group) => !group.alike) ? "no mean of values of different kinds" : "",
      broken ? `${counted(broken, "trial")} with values that are not finite` : "",
      outside ? `${counted(outside, "trial")} partly beyond the edges` : "",
    ]
      .filter(Boolean)
      .join(" · "),
    label: `Curves of ${name} over ${x.label} for ${counted(series.length, "trial")}`,
    height: 260,
    right: roomBeside(names),
    x: axisOver(x, xs, logx),
    y: numberAxis(ys, {
      title: `${name.split("/").at(-1)}${unit}`,
      log,
      format: (v) => numberText(v, 4),
    }),
    stamp,
    draw: (context, frame) => {
      const plain = series.filter((curve) => curve.slot === null);
      if (groups) groups.forEach((group) => drawGroup(context, frame, group));
      else if (spread) drawSpread(context, frame, plain);
      else drawLines(context, frame, plain);
      if (!groups) for (const one of series) if (one.slot !== null) drawSeries(context, frame, one);
      drawLevels(context, frame, levels);
    },
    beside: (context, frame) => drawBeside(context, frame, names),
    over: (context, frame, id) => {
      const found = series.find((curve) => curve.trial.id === id);
      if (found) drawSeries(context, frame, found, true);
    },
    pick: (at, frame) => {
      if (groups) return null;
      const reach = spread ? series.filter((curve) => curve.slot !== null) : series;
      const near = pickOn(reach, at, frame);
      return near && { trial: near.trial, lines: describe(near, chart) };
    },
    cross: (at, frame, lit) =>
      groups ? groupCross(groups, at, frame, chart) : crosshair(at, frame, lit, chart),
    stops: (frame) =>
      series
        .filter((curve) => curve.slot !== null || series.length <= MANY)
        .map(({ trial, points: pairs }) =>
          pairs.map((pair) => ({
            x: frame.x(pair[0]),
            y: frame.y(pair[1]),
            trial,
            lines: describe({ trial, pair }, chart),
          })),
        ),
    table: () => ({
      head: ["trial", x.title, name],
      rows: series.flatMap(({ trial, points: pairs }) =>
        pairs.map(([at, value]) => [selection.label(trial), String(at), String(value)]),
      ),
    }),
    legend: () =>
      groups
        ? groups.map(({ slot, name: text }) => ({ slot, name: text }))
        : legendOf(
            series.map((curve) => curve.trial),
            selection,
          ),
    click: ({ trial }) => togglePin(trial),
  });
}

function axisOver({ title, time, whole }, domain, log) {
  const plain = () => numberAxis(domain, { title, log, format: shortText });
  if (log) return plain();
  if (whole && domain[1] > domain[0]) return countAxis(domain, title);
  return time ? timeAxis(domain, title) : plain();
}

/**
 * A trial's [x, value] pairs, smoothed as chosen; after values that are not finite the next pair
 * has a third part, true: no line leads to it.
 */
export function points(trial, name, x) {
  const values = trial.epochs.metrics[name];
  if (!values) return [];
  const along = x.values(trial);
  const found = [];
  const broken = new Set(trial.epochs.broken[name]);
  let cut = false;
  let [mean, weight, low, high] = [0, 0, Infinity, -Infinity];
  values.forEach((value, index) => {
    const at = along[index];
    cut ||= broken.has(index);
    if (value === null || value === undefined || at === null || at === undefined) return;
    // an exponential mean, corrected for its start, so that smoothing shifts no curve downwards
    mean = view.smooth * mean + (1 - view.smooth) * value;
    weight = view.smooth * weight + (1 - view.smooth);
    [low, high] = [Math.min(low, value), Math.max(high, value)];
    // within what was seen: rounding must not bend a curve that is constant
    const smooth = Math.min(high, Math.max(low, mean / weight));
    found.push(cut ? [at, smooth, true] : [at, smooth]);
    cut = false;
  });
  return found;
}

/**
 * Values that a chart has to hold besides the end of the best trial: where curves begin, and of
 * several what four fifths of them reach, with a little room: clipping never cuts what most of them
 * do.
 */
function typical(series) {
  const own = series.map((curve) => curve.points.map((pair) => pair[1]));
  const starts = sorted(own.map((values) => values[0]));
  if (own.length < 3) return starts.slice(0, 1);
  const [lows, highs] = [0, 1].map((end) => sorted(own.map((values) => extent(values)[end])));
  const last = Math.floor(USUAL * (own.length - 1));
  const [low, high] = [lows[own.length - 1 - last], highs[last]];
  return [low - ROOM * (high - low), high + ROOM * (high - low)].map((value, end) =>
    end ? Math.min(value, highs.at(-1)) : Math.max(value, lows[0]),
  );
}

function sorted(values) {
  return values.sort((a, b) => a - b);
}

/** The ends of the coloured curves: what stands beside a chart, the best first. */
function ends(series, selection) {
  return series
    .filter((curve) => curve.slot !== null)
    .map(({ trial, points: pairs, slot }) => ({
      text: selection.label(trial),
      value: pairs.at(-1)[1],
      slot,
    }));
}

function groupEnds(groups) {
  return groups
    .filter(({ rows }) => rows.length)
    .map(({ name: text, rows, slot }) => ({ text, value: rows.at(-1).mean, slot }));
}

/** The groups of the trials that did not fail, with their means: of values of one kind only. */
function grouped(name, series, selection) {
  const of = quantity(`best:${name}`, selection.studies[0]);
  const curves = new Map(series.map((curve) => [curve.trial, curve.points]));
  const trials = series.map((curve) => curve.trial).filter((trial) => trial.state !== "failed");
  return groupsOf(view.group, selection.shown, selection.studies[0]).map((group, index) => {
    const own = group.trials.filter((trial) => trials.includes(trial));
    const alike = own.every((trial) => comparable(of, trial, own[0]));
    const rows = alike ? meanBand(own.map((trial) => curves.get(trial))) : [];
    return { name: visible(group.name), slot: index % 8, count: own.length, rows, alike };
  });
}
