// The chart of one metric's curves. Few trials are drawn line by line; of many, the middle and the
// spread are drawn, and lines only for those that have a colour or are lit; of groups, their means.
import { bands } from "./bands.js";
import { label, line, nearest } from "./drawing.js";
import { counted, metricText, numberText, unitText, visible } from "./format.js";
import { groupsOf, meanBand } from "./grouping.js";
import { colour, drawMark, slotColour } from "./marks.js";
import { comparable, quantity } from "./quantities.js";
import { plot } from "./plot.js";
import { legendOf } from "./points.js";
import { extent, numberAxis, robustDomain, timeAxis } from "./scales.js";
import { view } from "./state.js";
import { togglePin } from "./trials.js";

const MANY = 120; // lines beyond which a spread says more
const NAMED = 9; // values that the crosshair names, and lines that bear their names
const CLIPPED = { reach: 2.5, middle: 0.5 }; // how far out values may lie

/** The chart of the metric `name` over `x` (axes_x.js); `prefix` tells it from others of it. */
export function curveChart(name, selection, stamp, x, prefix = "") {
  const column = selection.studies.map((study) => study.columns[name]).find(Boolean);
  const log = view.log && (column?.less ?? false);
  const series = selection.shown
    .map((trial) => ({ trial, points: points(trial, name, x), slot: selection.slot(trial) }))
    .filter((one) => one.points.length);
  const groups = view.group && !prefix ? grouped(name, series, selection) : null;
  const spread =
    !groups && (view.lines === "spread" || (view.lines === "auto" && series.length > MANY));
  const baselines = selection.studies
    .flatMap((study) => study.compared)
    .filter((one) => name in one.metrics);
  const values = series.flatMap((one) => one.points.map((pair) => pair[1]));
  const also = baselines.map((one) => one.metrics[name]);
  const ys = robustDomain(values, { also, log, ...(view.clip ? CLIPPED : { reach: Infinity }) });
  const xs = extent(series.flatMap((one) => one.points.map((pair) => pair[0]))) ?? [0, 1];
  const outside = series.filter((one) => one.points.some(([, y]) => y < ys[0] || y > ys[1])).length;
  const unit = column?.unit ? `, ${column.unit}` : "";
  const logx = view.logx && xs[0] > 0;
  const named = spread || groups ? [] : series.filter((one) => one.slot !== null);
  const chart = { name, series, x, column, selection };
  return plot({
    key: `${prefix}${name}`,
    title: name,
    note: [
      visible(column?.label ?? ""),
      log ? "log scale" : "",
      column?.less ? "less is better" : "",
      groups?.some((group) => !group.alike) ? "no mean of values of different kinds" : "",
      outside ? `${counted(outside, "trial")} partly beyond the edge` : "",
    ]
      .filter(Boolean)
      .join(" · "),
    label: `Curves of ${name} over ${x.label} for ${counted(series.length, "trial")}`,
    height: 260,
    right: named.length ? 64 : 0,
    x: x.time && !logx ? timeAxis(xs, x.title) : numberAxis(xs, { title: x.title, log: logx }),
    y: numberAxis(ys, {
      title: `${name.split("/").at(-1)}${unit}`,
      log,
      format: (v) => numberText(v, 4),
    }),
    stamp,
    draw: (context, frame) => {
      const plain = series.filter((one) => one.slot === null);
      if (groups) groups.forEach((group) => drawGroup(context, frame, group));
      else if (spread) drawSpread(context, frame, plain);
      else drawLines(context, frame, plain);
      if (!groups) for (const one of series) if (one.slot !== null) drawSeries(context, frame, one);
      drawBaselines(context, frame, baselines, name);
    },
    beside: (context, frame) => drawNames(context, frame, named),
    over: (context, frame, id) => {
      const found = series.find((one) => one.trial.id === id);
      if (found) drawSeries(context, frame, found, true);
    },
    pick: (at, frame) => {
      if (groups) return null;
      const reach = spread ? series.filter((one) => one.slot !== null) : series;
      const near = nearest(candidates(reach, at, frame), at, 24);
      return near && { trial: near.trial, lines: describe(near, chart) };
    },
    cross: (at, frame, lit) =>
      groups ? groupCross(groups, at, frame, chart) : crosshair(at, frame, lit, chart),
    stops: (frame) =>
      series
        .filter((one) => one.slot !== null || series.length <= MANY)
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
            series.map((one) => one.trial),
            selection,
          ),
    click: ({ trial }) => togglePin(trial),
  });
}

/** A trial's [x, value] pairs, smoothed as chosen. */
function points(trial, name, x) {
  const values = trial.epochs.metrics[name];
  if (!values) return [];
  const along = x.values(trial);
  const found = [];
  let [mean, weight, low, high] = [0, 0, Infinity, -Infinity];
  values.forEach((value, index) => {
    const at = along[index];
    if (value === null || value === undefined || at === null || at === undefined) return;
    // an exponential mean, corrected for its start, so that smoothing shifts no curve downwards
    mean = view.smooth * mean + (1 - view.smooth) * value;
    weight = view.smooth * weight + (1 - view.smooth);
    [low, high] = [Math.min(low, value), Math.max(high, value)];
    // within what was seen: rounding must not bend a curve that is constant
    found.push([at, Math.min(high, Math.max(low, mean / weight))]);
  });
  return found;
}

/** The groups of the trials that did not fail, with their means: of values of one kind only. */
function grouped(name, series, selection) {
  const of = quantity(`best:${name}`, selection.studies[0]);
  const curves = new Map(series.map((one) => [one.trial, one.points]));
  const trials = series.map((one) => one.trial).filter((trial) => trial.state !== "failed");
  return groupsOf(view.group, selection.shown, selection.studies[0]).map((group, index) => {
    const own = group.trials.filter((trial) => trials.includes(trial));
    const alike = own.every((trial) => comparable(of, trial, own[0]));
    const rows = alike ? meanBand(own.map((trial) => curves.get(trial))) : [];
    return { name: visible(group.name), slot: index % 8, count: own.length, rows, alike };
  });
}

function drawGroup(context, frame, { rows, slot }) {
  context.fillStyle = context.strokeStyle = slotColour(slot);
  area(context, frame, rows, "low", "high", 0.14);
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.beginPath();
  trace(
    context,
    frame,
    rows.map((row) => [row.x, row.mean]),
  );
  context.stroke();
}

function drawLines(context, frame, series) {
  context.lineWidth = 1;
  context.strokeStyle = colour("--other");
  context.globalAlpha = Math.max(0.25, Math.min(0.8, 30 / (series.length || 1)));
  context.beginPath();
  for (const { points: pairs } of series) trace(context, frame, pairs);
  context.stroke();
  context.globalAlpha = 1;
  if (series.length > MANY) return;
  for (const { trial, points: pairs } of series) {
    const [x, y] = pairs.at(-1);
    drawMark(context, trial.state, frame.x(x), frame.y(y), 2.5, colour("--other"));
  }
}

function drawSpread(context, frame, series) {
  const rows = bands(series.map((one) => one.points));
  context.fillStyle = context.strokeStyle = colour("--other");
  area(context, frame, rows, "p10", "p90", 0.18);
  area(context, frame, rows, "p25", "p75", 0.28);
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.beginPath();
  trace(
    context,
    frame,
    rows.map((row) => [row.x, row.p50]),
  );
  context.stroke();
}

function area(context, frame, rows, low, high, alpha) {
  context.globalAlpha = alpha;
  context.beginPath();
  trace(
    context,
    frame,
    rows.map((row) => [row.x, row[high]]),
  );
  for (const row of [...rows].reverse()) context.lineTo(frame.x(row.x), frame.y(row[low]));
  context.fill();
}

function trace(context, frame, pairs) {
  pairs.forEach(([x, y], index) => {
    if (index) context.lineTo(frame.x(x), frame.y(y));
    else context.moveTo(frame.x(x), frame.y(y));
  });
}

function drawSeries(context, frame, { trial, points: pairs, slot }, lit = false) {
  const shade = lit && slot === null ? colour("--text") : slotColour(slot);
  context.strokeStyle = shade;
  context.lineWidth = lit ? 3.5 : 1.8;
  context.lineJoin = "round";
  context.beginPath();
  trace(context, frame, pairs);
  context.stroke();
  const [x, y] = pairs.at(-1);
  drawMark(context, trial.state, frame.x(x), frame.y(y), lit ? 4.5 : 3.5, shade);
}

/** Beside its end the name of each coloured curve, so that nobody has to tell colours apart. */
function drawNames(context, frame, named) {
  const bottom = frame.top + frame.height;
  const taken = [];
  const ends = named
    .map(({ trial, points: pairs, slot }) => ({ trial, slot, y: frame.y(pairs.at(-1)[1]) }))
    .filter(({ y }) => y >= frame.top - 4 && y <= bottom + 4)
    .sort((a, b) => a.y - b.y)
    .slice(0, NAMED);
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.save();
  context.font = "11px system-ui, sans-serif";
  for (const { trial, slot, y } of ends) {
    const at = freePlace(y, taken, 1, 12);
    if (at > bottom + 10) break;
    taken.push(at);
    const x = frame.left + frame.width + 8;
    context.fillStyle = slotColour(slot);
    context.fillRect(x, at - 1, 6, 2.5);
    context.fillStyle = colour("--text");
    const text = visible(trial.name);
    context.fillText(text.length > 8 ? `…${text.slice(-7)}` : text, x + 9, at);
  }
  context.restore();
}

/** What trials are compared with, a line for each value, named at its right end. */
function drawBaselines(context, frame, baselines, name) {
  context.strokeStyle = context.fillStyle = colour("--text");
  context.lineWidth = 1.2;
  context.textAlign = "right";
  const taken = [];
  for (const [text, value] of namedLevels(baselines, name)) {
    const y = frame.y(value);
    context.setLineDash([2, 3]);
    line(context, frame.left, y, frame.left + frame.width, y);
    context.setLineDash([]);
    const above = y > frame.top; // there is room over the frame
    context.textBaseline = above ? "bottom" : "top";
    const at = freePlace(y + (above ? -2 : 3), taken, above ? -1 : 1);
    taken.push(at);
    label(context, text, frame.left + frame.width, at);
  }
}

/** [text, value] of each line: studies that have the same value share one. */
export function namedLevels(baselines, name) {
  const lines = new Map();
  for (const { study, label: what, metrics } of baselines) {
    const text = `${visible(what)} ${metricText(study.columns[name], metrics[name])}`;
    const known = lines.get(text) ?? { value: metrics[name], studies: [] };
    lines.set(text, { ...known, studies: [...known.studies, study.key] });
  }
  const several = lines.size > 1;
  return [...lines].map(([text, { value, studies }]) => [
    several ? `${text} (${studies.join(", ")})` : text,
    value,
  ]);
}

/** The nearest height, going one way, at which a text lies over no other. */
export function freePlace(wanted, taken, way, height = 13) {
  let at = wanted;
  while (taken.some((other) => Math.abs(other - at) < height)) at += way * height;
  return at;
}

/** Of every series the point that is nearest in x: which of them is meant, y decides. */
function* candidates(series, at, frame) {
  for (const one of series) {
    const pair = nearestPair(one.points, at.x, frame);
    yield [frame.x(pair[0]), frame.y(pair[1]), { trial: one.trial, pair }];
  }
}

function nearestPair(pairs, x, frame) {
  const away = (pair) => Math.abs(frame.x(pair[0]) - x);
  return pairs.reduce((best, pair) => (away(pair) < away(best) ? pair : best), pairs[0]);
}

/** All values at the place of the pointer: the coloured trials', and that of the lit one. */
function crosshair(at, frame, lit, { series, x, column, selection }) {
  const named = series.filter((one) => one.slot !== null || one.trial === lit);
  const pairs = named.map((one) => ({ one, pair: nearestPair(one.points, at.x, frame) }));
  if (!pairs.length) return null;
  const away = ({ pair }) => Math.abs(frame.x(pair[0]) - at.x);
  const place = pairs.reduce((best, one) => (away(one) < away(best) ? one : best)).pair[0];
  const reached = pairs.filter(({ pair }) => Math.abs(frame.x(pair[0]) - frame.x(place)) < 6);
  const sign = column?.less ? 1 : -1;
  const rows = reached
    .sort((a, b) => sign * (a.pair[1] - b.pair[1]))
    .filter(({ one }, index) => index < NAMED || one.trial === lit)
    .map(({ one, pair }) => ({
      slot: one.slot,
      name: selection.label(one.trial),
      text: unitText(column, pair[1]),
      lit: one.trial === lit,
    }));
  return { x: frame.x(place), title: x.text(place), rows };
}

function groupCross(groups, at, frame, { x, column }) {
  const places = groups.flatMap((group) => group.rows.map((row) => row.x));
  if (!places.length) return null;
  const away = (place) => Math.abs(frame.x(place) - at.x);
  const place = places.reduce((best, one) => (away(one) < away(best) ? one : best));
  const rows = groups.flatMap(({ slot, name, rows: own, count }) => {
    const row = own.find((one) => one.x === place);
    return row ? [{ slot, name: `${name} (${count})`, text: unitText(column, row.mean) }] : [];
  });
  return { x: frame.x(place), title: x.text(place), rows };
}

function describe({ trial, pair }, { x, name, selection }) {
  return [
    selection.label(trial),
    `${x.text(pair[0])}: ${unitText(trial.study.columns[name], pair[1])}`,
    trial.state,
  ];
}
