// Slices: the goal over one setting at a time, a mark a trial.
import { h } from "./dom.js";
import { counted, numberText } from "./format.js";
import { score } from "./model.js";
import { plot } from "./plot.js";
import { columnOf, goalOf, marked } from "./points.js";
import { quantity } from "./quantities.js";
import { axisFor, numberAxis, placeOn, robustDomain } from "./scales.js";

const MOST = 18; // charts; the important settings come first

export function sliceCharts(context) {
  const { study, known } = context;
  const shares = study.analysis?.importance?.shares ?? {};
  const paths = [...known.varied].sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
  const charts = paths
    .slice(0, MOST)
    .map((path) => slice(path, context))
    .filter(Boolean);
  if (!charts.length)
    return h("p", { class: "empty" }, "The shown trials do not differ in any setting.");
  return h("div", { class: "plots three", key: "slice charts" }, charts);
}

function slice(path, { study, trials, selection }) {
  const of = quantity(`set:${path}`, study);
  const goal = goalOf(study);
  const known = trials.filter((trial) => score(trial) !== null);
  const axis = axisFor(of, known, { room: 0.05 });
  if (!axis) return null;
  const places = known
    .map((trial) => [placeOn(axis, of, trial), score(trial), trial])
    .filter(([place]) => place !== null);
  const left = known.length - places.length;
  const shaken = axis.choices ? scatter(axis) : (_) => (share) => share;
  const marks = marked(
    places.map(([x, y, trial]) => [{ x, trial }, y, trial]),
    selection,
    (trial) => [
      `${path} ${of.text(of.value(trial), trial)}`,
      `${study.goal} ${goal.text(score(trial))}`,
    ],
    [columnOf(of), columnOf(goal)],
  );
  return plot({
    ...marks,
    key: `slice ${study.key} ${path}`,
    title: path,
    note: left ? `${counted(left, "trial")} without a ${axis.choices ? "value" : "number"} left out` : "",
    label: `${study.goal} over ${path} of ${counted(places.length, "trial")}`,
    height: 190,
    x: {
      ...axis,
      within: null, // marks of one choice are scattered within its band
      title: "",
      share: (value) =>
        value?.trial ? shaken(value.trial)(axis.share(value.x)) : axis.share(value),
    },
    y: numberAxis(robustDomain(selection.shown.map((trial) => score(trial, study.goal))), {
      title: goal.unit ? `${study.goal}, ${goal.unit}` : study.goal,
      format: (value) => numberText(value, 4),
    }),
    stamp: `${selection.key}|slice ${study.key} ${path}`,
  });
}

/** Trials of one choice lie side by side within its band, always in the same place. */
function scatter(axis) {
  return (trial) => {
    const offset = ((trial.number * 0.618034) % 1) - 0.5;
    return (share) => share + offset * axis.band * 0.6;
  };
}
