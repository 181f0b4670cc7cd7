// Curves: every metric over epochs or seconds. Few trials are drawn line by line; of many, the
// middle and the spread are drawn, and lines only for those that have a colour or are lit.
import { menu, oneOf, tick, toggle } from "./controls.js";
import { h } from "./dom.js";
import { firstMetrics } from "./catalogue.js";
import { counted, metricText, numberText, secondsText, unitText, visible } from "./format.js";
import { colour, drawMark, slotColour, slotDash } from "./marks.js";
import { remember } from "./memory.js";
import { label, line, nearest, plot } from "./plot.js";
import { extent, numberAxis, robustDomain, timeAxis } from "./scales.js";
import { bands } from "./bands.js";
import { choose, view } from "./state.js";
import { togglePin } from "./trials.js";

const MANY = 120; // lines beyond which a spread says more

/** The view. */
export function curvesView(selection, known) {
  const panels = shownPanels(known);
  return [
    toolbar(known, panels),
    !selection.shown.length
      ? h("p", { class: "empty" }, "No trial is shown. Open an eye in the list of trials.")
      : h(
          "div",
          { class: "plots two", key: "plots" },
          panels.map((name) => panel(name, selection)),
        ),
    panels.length > 0 && legend(selection),
  ];
}

function toolbar(known, panels) {
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    oneOf(
      "Over",
      [
        ["epoch", "epochs"],
        ["seconds", "seconds"],
      ],
      view.x,
      (x) => choose({ x }),
    ),
    toggle("Log scale", view.log, (log) => choose({ log }), {
      title: "Logarithmic axis for metrics of which less is better",
    }),
    h(
      "label",
      { class: "slider" },
      h("span", {}, "Smoothing"),
      h("input", {
        type: "range",
        min: 0,
        max: 0.95,
        step: 0.05,
        value: String(view.smooth),
        oninput: (event) => choose({ smooth: Number(event.target.value) }),
      }),
      h("output", {}, view.smooth ? view.smooth.toFixed(2) : "off"),
    ),
    oneOf(
      "Draw",
      [
        ["auto", "auto"],
        ["lines", "lines"],
        ["spread", "spread"],
      ],
      view.lines,
      (lines) => choose({ lines }),
    ),
    menu(
      "Metrics",
      { "data-menu": "metrics" },
      known.metrics.map((name) =>
        tick(name, panels.includes(name), (on) =>
          choose({ panel: on ? [...panels, name] : panels.filter((one) => one !== name) }),
        ),
      ),
    ),
  );
}

/** The metrics that have a panel: as chosen, else those that are shown at first. */
function shownPanels(known) {
  const chosen = view.panel.filter((name) => known.metrics.includes(name));
  if (chosen.length) return known.metrics.filter((name) => chosen.includes(name));
  return firstMetrics(known).slice(0, 4);
}

function panel(name, selection) {
  const stamp = [selection.key, view.x, view.log, view.smooth, view.lines].join("|");
  return remember(`curves ${name}`, stamp, () => chart(name, selection, stamp));
}

function chart(name, selection, stamp) {
  const column = selection.studies.map((study) => study.columns[name]).find(Boolean);
  const log = view.log && (column?.less ?? false);
  const series = selection.shown
    .map((trial) => ({ trial, points: points(trial, name), slot: selection.slot(trial) }))
    .filter((one) => one.points.length);
  const plain = series.filter((one) => one.slot === null);
  const spread = view.lines === "spread" || (view.lines === "auto" && series.length > MANY);
  const baselines = selection.studies
    .flatMap((study) => study.compared)
    .filter((line) => name in line.metrics);
  const xs = extent(series.flatMap((one) => [one.points[0][0], one.points.at(-1)[0]])) ?? [0, 1];
  const ys = robustDomain(
    series.flatMap((one) => one.points.map((pair) => pair[1])),
    { also: baselines.map((line) => line.metrics[name]), log },
  );
  const unit = column?.unit ? `, ${column.unit}` : "";
  const words = visible(column?.label ?? "");
  return plot({
    key: name,
    title: name,
    note: [words, log ? "log scale" : "", column?.less ? "less is better" : ""]
      .filter(Boolean)
      .join(" · "),
    label: `Curves of ${name} over ${view.x === "epoch" ? "epochs" : "seconds"} for ${counted(series.length, "trial")}`,
    height: 260,
    x: view.x === "epoch" ? numberAxis(xs, { title: "epoch" }) : timeAxis(xs, "training time"),
    y: numberAxis(ys, {
      title: `${name.split("/").at(-1)}${unit}`,
      log,
      format: (v) => numberText(v, 4),
    }),
    stamp,
    draw: (context, frame) => {
      if (spread) drawSpread(context, frame, plain);
      else drawLines(context, frame, plain);
      for (const one of series) if (one.slot !== null) drawSeries(context, frame, one, name);
      drawBaselines(context, frame, baselines, name);
    },
    over: (context, frame, id) => {
      const found = series.find((one) => one.trial.id === id);
      if (found) drawSeries(context, frame, found, name, true);
    },
    pick: (at, frame) => {
      const near = nearest(
        candidates(spread ? series.filter((one) => one.slot !== null) : series, at, frame),
        at,
        24,
      );
      return near && { trial: near.trial, lines: describe(near, name, selection) };
    },
    click: ({ trial }) => togglePin(trial),
  });
}

/** A trial's [x, value] pairs, over epochs or seconds of training, smoothed as chosen. */
function points(trial, name) {
  const values = trial.epochs.metrics[name];
  if (!values) return [];
  const found = [];
  let [seconds, mean, weight, low, high] = [0, 0, 0, Infinity, -Infinity];
  values.forEach((value, index) => {
    seconds += Math.max(0, trial.epochs.ended[index] - trial.epochs.started[index]);
    if (value === null || value === undefined) return;
    // an exponential mean, corrected for its start, so that smoothing shifts no curve downwards
    mean = view.smooth * mean + (1 - view.smooth) * value;
    weight = view.smooth * weight + (1 - view.smooth);
    [low, high] = [Math.min(low, value), Math.max(high, value)];
    // within what was seen: rounding must not bend a curve that is constant
    const smoothed = Math.min(high, Math.max(low, mean / weight));
    found.push([view.x === "epoch" ? trial.epochs.epoch[index] : seconds, smoothed]);
  });
  return found;
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
  const area = (low, high, alpha) => {
    context.globalAlpha = alpha;
    context.beginPath();
    trace(
      context,
      frame,
      rows.map((row) => [row.x, row[high]]),
    );
    for (const row of [...rows].reverse()) context.lineTo(frame.x(row.x), frame.y(row[low]));
    context.fill();
  };
  context.fillStyle = context.strokeStyle = colour("--other");
  area("p10", "p90", 0.18);
  area("p25", "p75", 0.28);
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

function trace(context, frame, pairs) {
  pairs.forEach(([x, y], index) => {
    if (index) context.lineTo(frame.x(x), frame.y(y));
    else context.moveTo(frame.x(x), frame.y(y));
  });
}

function drawSeries(context, frame, { trial, points: pairs, slot }, name, lit = false) {
  const shade = lit && slot === null ? colour("--text") : slotColour(slot);
  context.strokeStyle = shade;
  context.lineWidth = lit ? 3.5 : 1.8;
  context.lineJoin = "round";
  context.setLineDash(lit ? [] : slotDash(slot));
  context.beginPath();
  trace(context, frame, pairs);
  context.stroke();
  context.setLineDash([]);
  const [x, y] = pairs.at(-1);
  drawMark(context, trial.state, frame.x(x), frame.y(y), lit ? 4.5 : 3.5, shade);
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
    let [best, distance] = [null, Infinity];
    one.points.forEach((pair, index) => {
      const away = Math.abs(frame.x(pair[0]) - at.x);
      if (away < distance) [best, distance] = [index, away];
    });
    const pair = one.points[best];
    yield [frame.x(pair[0]), frame.y(pair[1]), { trial: one.trial, pair }];
  }
}

function describe({ trial, pair }, name, selection) {
  const when = view.x === "epoch" ? `epoch ${pair[0]}` : secondsText(pair[0]);
  return [
    selection.label(trial),
    `${when}: ${unitText(trial.study.columns[name], pair[1])}`,
    trial.state,
  ];
}

/** Which colour is which trial, and what the signs mean. */
export function legend(selection) {
  const rest = selection.shown.length - selection.coloured.length;
  return h(
    "ul",
    { class: "legend", key: "legend", "aria-label": "Legend" },
    selection.coloured.map((trial) =>
      h(
        "li",
        { key: trial.id, "data-trial": trial.id },
        h("span", { class: `swatch slot-${selection.slot(trial)}`, "aria-hidden": "true" }),
        h("bdi", {}, selection.label(trial)),
      ),
    ),
    rest > 0 &&
      h(
        "li",
        { class: "note" },
        h("span", { class: "swatch other", "aria-hidden": "true" }),
        `${counted(rest, "other trial")}`,
      ),
    h("li", { class: "note" }, "ends: ● complete  ○ stopped  ▸ running  ‖ interrupted  ✕ failed"),
  );
}
