// What curves can be drawn over: epochs, time, or anything that the trials measure as they go.
import { secondsText, numberText } from "./format.js";
import { runningTime } from "./model.js";

const OWN = {
  epoch: { label: "epochs", title: "epoch" },
  seconds: { label: "seconds", title: "training time", time: true },
  clock: { label: "clock", title: "running time of the study", time: true },
};

/** The choices: [value, label] of epochs and times, then the metrics that are no result. */
export function overChoices(known) {
  const along = known.metrics.filter((name) => {
    const less = known.columns[name]?.less ?? null;
    return less === null && !known.goals.includes(name);
  });
  const own = Object.entries(OWN).map(([value, { label }]) => [value, label]);
  return [...own, ...along.map((name) => [`metric:${name}`, name])];
}

/** What is chosen: `title`, `time` (whether it is one), `values(trial)`, `text(x)`. */
export function over(chosen) {
  const { title, label, time = false } = OWN[chosen] ?? named(chosen);
  const text = (x) =>
    chosen === "epoch" ? `epoch ${x}` : time ? secondsText(x) : `${title} ${numberText(x)}`;
  return { title, label, time, text, values: (trial) => valuesOf(trial, chosen) };
}

function named(chosen) {
  const name = chosen.replace(/^metric:/, "");
  return { title: name, label: name };
}

function valuesOf(trial, chosen) {
  const { epoch, started, ended, metrics } = trial.epochs;
  if (chosen === "epoch") return epoch;
  if (chosen === "clock") return ended.map((end) => runningTime(trial.study, end));
  if (chosen === "seconds") {
    let sum = 0;
    return ended.map((end, row) => (sum += Math.max(0, end - started[row])));
  }
  return metrics[chosen.slice("metric:".length)] ?? [];
}
