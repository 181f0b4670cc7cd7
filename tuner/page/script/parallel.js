// Parallel coordinates: a line a trial through all of its settings to what came out. The better
// the result, the stronger the line. Dragging along an axis filters.
import { counted } from "./format.js";
import { colour, drawMark, mix, slotColour } from "./marks.js";
import { score } from "./model.js";
import { haloed, line, shorten, shortenMiddle } from "./drawing.js";
import { shortName } from "./names.js";
import { plot } from "./plot.js";
import { goalOf, legendOf } from "./points.js";
import { quantity } from "./quantities.js";
import { parseCondition } from "./selection.js";
import { axisFor, placeOn, robustDomain } from "./scales.js";
import { choose, view } from "./state.js";
import { togglePin } from "./acts.js";

const TOP = 34;
const BOTTOM = 30;
const MOST = 12; // axes at the most, and pixels that each of them needs
const ROOM = 72;
const LINE = 13; // pixels between the labels of an axis

export function parallelChart({ study, trials, selection, known }) {
  const goal = goalOf(study);
  const shares = study.analysis?.importance?.shares ?? {};
  const all = [...known.varied.map((path) => quantity(`set:${path}`, study)), goal]
    .map((of) => ({ of, axis: axisFor(of, trials, of === goal ? goalOptions(trials) : {}) }))
    .filter(({ axis }) => axis);
  const axes = mostImportant(all, shares, MOST);
  const ranked = strength(trials, goal);
  const chart = { all: axes, shares, trials, goal, ranked, selection };
  const say = (trial) => [
    selection.label(trial),
    ...axes.map(({ of }) => `${of.label} ${of.text(of.value(trial), trial)}`),
    trial.state,
  ];
  return plot({
    key: `parallel ${study.key}`,
    title: "Parallel coordinates",
    note: [
      "one line a trial; stronger is better",
      trials.length > ranked.size ? "trials without a result are left out" : "",
      axes.length < all.length ? `${axes.length - 1} of ${all.length - 1} settings` : "",
    ]
      .filter(Boolean)
      .join("; "),
    label: `Parallel coordinates of ${counted(trials.length, "trial")} over ${axes.map(({ of }) => of.label).join(", ")}`,
    height: 300,
    bare: true,
    stamp: `${selection.key}|parallel ${study.key}`,
    draw: (context, frame) => drawAll(context, frame, within(frame, chart)),
    over: (context, frame, id) => {
      const trial = trials.find((trial) => trial.id === id);
      if (trial && ranked.has(trial)) drawTrial(context, frame, within(frame, chart), trial, true);
    },
    pick: (at, frame) => {
      const trial = pickTrial(at, frame, within(frame, chart));
      return trial && { trial, lines: say(trial) };
    },
    stops: (frame) => [stopsOf(frame, within(frame, chart), say)],
    table: () => ({
      head: ["trial", "state", ...axes.map(({ of }) => of.label)],
      rows: trials.map((trial) => [
        selection.label(trial),
        trial.state,
        ...axes.map(({ of }) => of.text(of.value(trial), trial)),
      ]),
    }),
    legend: () => legendOf(trials, selection),
    click: ({ trial }) => togglePin(trial),
    drag: (from, to, frame) => brush(from, to, frame, within(frame, chart)),
  });
}

/** So many axes as there is room for: those of the most important settings, and the result's. */
function mostImportant(all, shares, count) {
  const settings = all.slice(0, -1);
  const best = [...settings].sort((a, b) => (shares[b.of.path] ?? 0) - (shares[a.of.path] ?? 0));
  const kept = new Set(best.slice(0, Math.max(1, count - 1)));
  return [...settings.filter((setting) => kept.has(setting)), ...all.slice(-1)];
}

/** The chart with those `axes` that a frame has room for. */
function within(frame, chart) {
  const count = Math.max(3, Math.floor(frame.width / ROOM));
  return { ...chart, axes: mostImportant(chart.all, chart.shares, count) };
}

function goalOptions(trials) {
  return { domain: robustDomain(trials.map((trial) => score(trial))), log: false };
}

/** Trial -> how good it is among those shown, from 0 to 1; by rank, so that outliers do no harm. */
function strength(trials, goal) {
  const known = trials.filter((trial) => score(trial) !== null);
  known.sort((a, b) => (goal.less ? score(b) - score(a) : score(a) - score(b)));
  return new Map(
    known.map((trial, index) => [trial, known.length > 1 ? index / (known.length - 1) : 1]),
  );
}

function xOf(frame, index, count) {
  const side = Math.min(80, frame.width / (count + 1));
  return count > 1 ? side + (index * (frame.width - 2 * side)) / (count - 1) : frame.width / 2;
}

/** A trial without a value on an axis passes below its end. */
function yOf(frame, axis, place) {
  const height = frame.height - TOP - BOTTOM;
  if (place === null) return frame.height - BOTTOM + 10;
  return TOP + (1 - Math.min(1, Math.max(0, axis.share(place)))) * height;
}

function drawAll(context, frame, chart) {
  const plain = [...chart.ranked.keys()].filter((trial) => chart.selection.slot(trial) === null);
  for (const trial of plain) drawTrial(context, frame, chart, trial);
  for (const trial of chart.selection.coloured) {
    if (chart.ranked.has(trial)) drawTrial(context, frame, chart, trial);
  }
  context.globalAlpha = 1;
  chart.axes.forEach((one, index) => drawAxis(context, frame, chart, one, index));
}

function drawTrial(context, frame, { axes, ranked, selection }, trial, lit = false) {
  const slot = selection.slot(trial);
  const share = ranked.get(trial);
  const many = ranked.size > 60;
  context.strokeStyle =
    slot !== null ? slotColour(slot) : mix(colour("--faint"), colour("--accent"), share ** 2);
  if (lit && slot === null) context.strokeStyle = colour("--text");
  context.globalAlpha = lit || slot !== null ? 1 : many ? 0.15 + 0.6 * share ** 3 : 0.8;
  context.lineWidth = lit ? 3 : slot !== null ? 2 : 1;
  context.beginPath();
  axes.forEach(({ of, axis }, index) => {
    const [x, y] = [xOf(frame, index, axes.length), yOf(frame, axis, placeOn(axis, of, trial))];
    if (index) context.lineTo(x, y);
    else context.moveTo(x, y);
  });
  context.stroke();
  const last = axes.length - 1;
  const end = yOf(frame, axes[last].axis, placeOn(axes[last].axis, axes[last].of, trial));
  const shade = context.strokeStyle;
  drawMark(context, trial.state, xOf(frame, last, axes.length), end, lit ? 5 : 3, shade);
}

function drawAxis(context, frame, { axes, goal }, { of, axis }, index) {
  const { length } = axes;
  const x = Math.round(xOf(frame, index, length)) + 0.5;
  const room = xOf(frame, 1, length) - xOf(frame, 0, length) - 12;
  context.strokeStyle = colour("--muted");
  context.lineWidth = 1;
  line(context, x, TOP, x, frame.height - BOTTOM);
  context.fillStyle = colour("--text");
  context.textAlign = "center";
  context.textBaseline = "top";
  const label = of === goal ? goal.metric : shortName(of.label);
  context.fillText(shortenMiddle(context, label, room), x, 0);
  if (of.unit) {
    context.fillStyle = colour("--muted");
    context.fillText(of.unit, x, 14);
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  const away = of === goal ? 10 : 6; // beside the marks at the lines' ends
  let last = Infinity;
  for (const tick of axis.ticks(6)) {
    const y = yOf(frame, axis, tick);
    line(context, x - 3, y, x + 3, y);
    if (Math.abs(y - last) < LINE) continue;
    last = y;
    const text = shorten(context, axis.format(tick), room - away);
    haloed(context, text, x + away, y);
  }
}

/** The trial whose line passes nearest to a point. */
function pickTrial(at, frame, { axes, ranked }) {
  const xs = axes.map((_, index) => xOf(frame, index, axes.length));
  const right = Math.max(
    1,
    xs.findIndex((x) => x >= at.x),
  );
  if (axes.length < 2 || at.x < xs[0] - 10 || at.x > xs.at(-1) + 10) return null;
  const [a, b] = [axes[right - 1], axes[right]];
  const share = Math.min(1, Math.max(0, (at.x - xs[right - 1]) / (xs[right] - xs[right - 1])));
  let [found, best] = [null, 10];
  for (const trial of ranked.keys()) {
    const y1 = yOf(frame, a.axis, placeOn(a.axis, a.of, trial));
    const y2 = yOf(frame, b.axis, placeOn(b.axis, b.of, trial));
    const away = Math.abs(y1 + share * (y2 - y1) - at.y);
    if (away < best) [found, best] = [trial, away];
  }
  return found;
}

/** The ends of all lines, the best first: where the keyboard goes. */
function stopsOf(frame, { axes, ranked }, say) {
  const last = axes.length - 1;
  const { axis, of } = axes[last];
  return [...ranked.keys()].reverse().map((trial) => ({
    x: xOf(frame, last, axes.length),
    y: yOf(frame, axis, placeOn(axis, of, trial)),
    trial,
    lines: say(trial),
  }));
}

/** A drag along an axis becomes filters, which the list of trials shows and can take back. */
function brush(from, to, frame, { axes }) {
  if (Math.abs(to.y - from.y) < 6) return;
  const xs = axes.map((_, index) => Math.abs(xOf(frame, index, axes.length) - from.x));
  const { of, axis } = axes[xs.indexOf(Math.min(...xs))];
  const height = frame.height - TOP - BOTTOM;
  const share = (y) => Math.min(1, Math.max(0, 1 - (y - TOP) / height));
  const [low, high] = [share(Math.max(from.y, to.y)), share(Math.min(from.y, to.y))];
  const rest = view.where.filter((written) => parseCondition(written)?.id !== of.id);
  if (axis.choices) {
    choose({ where: [...rest, `${of.id} = ${axis.value((low + high) / 2)}`] });
  } else {
    const bounds = [
      `${of.id} ≥ ${rounded(axis.value(low), Math.floor)}`,
      `${of.id} ≤ ${rounded(axis.value(high), Math.ceil)}`,
    ];
    choose({ where: [...rest, ...bounds] });
  }
}

/** A bound in four digits, rounded outwards: a drag to the end of an axis keeps what lies there. */
function rounded(value, outwards) {
  if (value === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  return Number((outwards(value / step) * step).toPrecision(6));
}
