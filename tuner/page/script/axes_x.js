// What curves can be drawn over: epochs, time, cost, or what the trials measure as they go.
import { numberText, secondsText } from "./format.js";
import { runningTime } from "./running_time.js";

const OWN = {
  epoch: { label: "epochs", title: "epoch", whole: true },
  seconds: { label: "seconds", title: "training time", time: true },
  clock: { label: "clock", title: "running time of the study", time: true },
};

/**
 * The choices, [value, label]: epochs and times; the cost, which is the epochs times a fact that is
 * known of every trial before it trains (its parameters); the metrics that are no result (steps).
 */
export function overChoices(known) {
  const along = known.metrics.filter((name) => {
    const less = known.columns[name]?.less ?? null;
    return less === null && !known.goals.includes(name);
  });
  return [
    ...Object.entries(OWN).map(([value, { label }]) => [value, label]),
    ...known.facts.map((name) => [`cost:${name}`, named(`cost:${name}`).label]),
    ...along.map((name) => [`metric:${name}`, name]),
  ];
}

/** What is chosen: `title`, `time` and `whole` (what kind of axis), `values(trial)`, `text(x)`. */
export function over(chosen) {
  const { title, label, time = false, whole = false } = OWN[chosen] ?? named(chosen);
  const text = (x) =>
    chosen === "epoch" ? `epoch ${x}` : time ? secondsText(x) : `${title} ${numberText(x)}`;
  return { title, label, time, whole, text, values: (trial) => valuesOf(trial, chosen) };
}

function named(chosen) {
  const [kind, name] = partsOf(chosen);
  const title = kind === "cost" ? `epochs × ${name.replaceAll("_", " ")}` : name;
  return { title, label: kind === "cost" ? `cost (${title})` : title };
}

function valuesOf(trial, chosen) {
  const { epoch, started, ended, metrics } = trial.epochs;
  if (chosen === "epoch") return epoch;
  if (chosen === "clock") return ended.map((end) => runningTime(trial.study, end));
  if (chosen === "seconds") {
    let sum = 0;
    return ended.map((end, row) => (sum += Math.max(0, end - started[row])));
  }
  const [kind, name] = partsOf(chosen);
  if (kind !== "cost") return metrics[name] ?? [];
  const each = trial.facts[name] ?? null;
  return each === null ? [] : epoch.map((count) => count * each);
}

function partsOf(chosen) {
  const at = chosen.indexOf(":");
  return [chosen.slice(0, at), chosen.slice(at + 1)];
}
