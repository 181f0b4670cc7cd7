// Everything that can be said of a trial in one cell: a setting, a metric's best or last value, a
// fact, how it ran. Tables, filters, sorting and charts all ask here, by one id such as
// `best:validation/psnr`, `set:loss.type` or `run:epochs`.
import {
  differenceText,
  givenText,
  meanText,
  metricText,
  numberText,
  secondsText,
  settingText,
  visible,
} from "./format.js";
import { alike, noteOf, statistic } from "./model.js";

const RUN = {
  "run:state": { label: "state", value: (t) => t.state, text: (v, t) => stateText(t) },
  "run:epochs": { label: "epochs", value: (t) => t.epochs.epoch.length, numeric: true },
  "run:best": { label: "best epoch", value: (t) => t.bestEpoch, numeric: true },
  "run:seconds": {
    label: "training time",
    unit: "s",
    value: (t) => t.seconds,
    numeric: true,
    plain: milliseconds,
  },
  "run:retries": { label: "retries", value: (t) => t.retries, numeric: true },
  "run:mean": {
    label: "mean over seeds",
    value: (t) => t.repeats?.mean ?? null,
    text: (v, t) => (v === null ? metricText({}, null) : meanText(goalColumn(t), t.repeats)),
    numeric: true,
  },
  "run:tags": { label: "tags", value: (t) => noteOf(t).tags.join(", ") || null, text: settingText },
  "run:note": { label: "note", value: (t) => noteOf(t).text || null, text: settingText },
  "run:number": { label: "number", value: (t) => t.number, numeric: true },
};

/** The statistics of a metric; the first is of one checkpoint with those of all other metrics. */
export const STATISTICS = [
  ["at", "at best epoch"],
  ["best", "best of each"],
  ["min", "min"],
  ["max", "max"],
  ["last", "last"],
];

/** The quantity of an id, as the given study (or the first of the page) understands it. */
export function quantity(id, study) {
  const at = id.indexOf(":");
  const [kind, name] = [id.slice(0, at), id.slice(at + 1)];
  if (kind === "set") return setting(id, name);
  if (kind === "fact") return fact(id, name, study);
  if (kind === "scale") return scaled(id, name, study, "at");
  if (kind === "best-scale") return scaled(id, name, study, "best");
  if (kind === "gain") return gain(id, name, study);
  if (kind === "run") return run(id);
  return metric(id, kind, name, study);
}

function setting(id, path) {
  return {
    id,
    path,
    label: path,
    unit: null,
    less: null,
    numeric: false,
    value: (trial) => (path in trial.values ? trial.values[path] : null),
    given: (trial) => path in trial.values,
    text: (value, trial) => valueText(value, trial && path in trial.values),
  };
}

/** Whether a trial has a value; of settings, null is one. */
export function isGiven(of, trial) {
  return of.given ? of.given(trial) : (of.value(trial) ?? null) !== null;
}

/** A setting: `null` where that is its value, a dash where there is none. */
export function valueText(value, isSet) {
  return isSet ? givenText(value) : settingText(value);
}

function metric(id, kind, name, study) {
  const column = study?.columns[name];
  const less = column?.less ?? null;
  const end = less === null ? "" : less ? "min" : "max";
  // the best epoch is where the goal is best: there, and only there, both are the same
  const words = { at: name === study?.goal ? end : "", best: end, min: "min", max: "max" };
  return {
    id,
    metric: name,
    means: column?.label || null,
    label: [name, words[kind] ?? kind].filter(Boolean).join(" "),
    unit: column?.unit ?? null,
    less,
    apart: column?.apart ?? [],
    numeric: true,
    value: (trial) => statistic(trial, name, kind),
    baseline: (line) => line.metrics[name] ?? null,
    text: (value) => metricText(column, value),
    difference: (value) => differenceText(column, value),
  };
}

/** What a click on the name of a quantity does, and what it means. */
export function sortTitle({ label, means }) {
  return `${means ? `${visible(means)}. ` : ""}Sort the trials by ${visible(label)}`;
}

/** What a trial gains over its baseline: the first one, at its best epoch or at best. */
function gain(id, kind, study) {
  const column = study?.gain;
  return {
    id,
    metric: null, // gains over the baseline of the same data compare where values do not
    label: column?.label ?? "gain",
    unit: column?.unit ?? null,
    less: column?.less ?? null,
    apart: [],
    numeric: true,
    value: (trial) => trial.gain[kind] ?? null,
    baseline: (line) => line.gain,
    text: (value) => metricText(column, value),
    difference: (value) => differenceText(column, value),
  };
}

/** A metric on its other scale. */
function scaled(id, name, study, kind) {
  const column = study?.columns[name];
  const shown = { decimals: column?.scale?.decimals };
  return {
    id,
    metric: name,
    label: name,
    unit: column?.scale?.label ?? null,
    less: column?.less ?? null,
    apart: column?.apart ?? [],
    numeric: true,
    value: (trial) => trial.scales[name]?.[kind] ?? null,
    baseline: (line) => line.scales[name] ?? null,
    text: (value) => metricText(shown, value),
    difference: (value) => differenceText(shown, value),
  };
}

function fact(id, name, study) {
  const column = study?.columns[name];
  return {
    id,
    label: name.replaceAll("_", " "),
    unit: column?.unit ?? null,
    less: column?.less ?? null,
    numeric: true,
    value: (trial) => trial.facts[name] ?? null,
    text: (value) => metricText(column, value),
    difference: (value) => differenceText(column, value),
  };
}

function run(id) {
  const of = RUN[id] ?? RUN["run:number"];
  return {
    id,
    unit: null,
    less: null,
    numeric: false,
    text: (value) => (id === "run:seconds" ? secondsText(value) : numberText(value)),
    ...of,
  };
}

/** A time for programs: in seconds, to the millisecond. */
function milliseconds(value) {
  return String(Number(value.toFixed(3)));
}

function goalColumn(trial) {
  return trial.study.columns[trial.study.goal];
}

/** `stopped (scheduler)`: a state with the reason, where the reason says more. */
export function stateText(trial) {
  const plain = ["max_epochs", "scheduler", null, undefined, ""];
  return plain.includes(trial.reason)
    ? trial.state
    : `${trial.state} (${settingText(trial.reason)})`;
}

/** A quantity for sorting and comparing: numbers by size, other settings by their text. */
export function compareValues(a, b) {
  const missing = (value) => value === null || value === undefined;
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return settingText(a).localeCompare(settingText(b), "en", { numeric: true });
}

/**
 * Whether a metric of two trials may be compared: it was measured on the same data, and the
 * settings that must be equal for it (those of the loss, say) are.
 */
export function comparable(of, a, b) {
  if (!of.metric) return true;
  return alike(a.study, b.study) && kindOf(of, a) === kindOf(of, b);
}

/** What kind of values of a metric a trial has, as a text; of thousands it is asked again and again. */
function kindOf(of, trial) {
  if (!of.apart.length) return "";
  trial.kinds ??= new Map();
  const name = of.apart.join();
  if (!trial.kinds.has(name)) trial.kinds.set(name, kindText(of, trial));
  return trial.kinds.get(name);
}

function kindText(of, trial) {
  const within = (path) => of.apart.some((one) => path === one || path.startsWith(`${one}.`));
  const paths = Object.keys(trial.values).filter(within).sort();
  return canonical(paths.map((path) => [path, trial.values[path]]));
}

/** Values that mean the same setting as the same text (1 and 1.0, a list and its copy). */
export function canonical(value) {
  return JSON.stringify(value ?? null);
}
