// Everything that can be said of a trial in one cell: a setting, a metric's best or last value, a
// fact, how it ran. Tables, filters, sorting and charts all ask here, by one id such as
// `best:validation/psnr`, `set:loss.type` or `run:epochs`.
import { differenceText, metricText, numberText, secondsText, settingText } from "./format.js";
import { goalValue } from "./model.js";

/** The metrics that are a mean over the outputs in dB, so that the report's scale applies. */
export const SCALED = ["train/psnr", "validation/psnr"];

const RUN = {
  "run:state": { label: "state", value: (t) => t.state, text: (v, t) => stateText(t) },
  "run:epochs": { label: "epochs", value: (t) => t.epochs.epoch.length, numeric: true },
  "run:seconds": { label: "training time", unit: "s", value: (t) => t.seconds, numeric: true },
  "run:retries": { label: "retries", value: (t) => t.retries, numeric: true },
  "run:number": { label: "number", value: (t) => t.number, numeric: true },
};

const STATISTICS = { min: "min", max: "max", last: "last" };

/** The quantity of an id, as the given study (or the first of the page) understands it. */
export function quantity(id, study) {
  const at = id.indexOf(":");
  const [kind, name] = [id.slice(0, at), id.slice(at + 1)];
  if (kind === "set") return setting(id, name);
  if (kind === "fact") return fact(id, name, study);
  if (kind === "scale") return scaled(id, name);
  if (kind === "run") return run(id);
  if (name === "validation/gain" && kind === "best") return gain(id);
  return statistic(id, kind, name, study);
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
    text: settingText,
  };
}

function statistic(id, kind, name, study) {
  const less = study?.columns[name]?.less ?? false;
  return {
    id,
    metric: name,
    label: `${name} ${STATISTICS[kind] ?? (less ? "min" : "max")}`,
    unit: study?.columns[name]?.unit ?? null,
    less,
    numeric: true,
    value: (trial) =>
      kind === "best" ? goalValue(trial, name) : (trial.stats[name]?.[kind] ?? null),
    bicubic: (of) => of.baseline[name] ?? null,
    text: (value) => metricText(name, value),
    difference: (value) => differenceText(name, value),
  };
}

function gain(id) {
  return {
    id,
    metric: "validation/gain",
    label: "gain over bicubic",
    unit: "dB",
    less: false,
    numeric: true,
    value: (trial) => trial.gain,
    bicubic: (of) => ("validation/psnr" in of.baseline ? 0 : null),
    text: (value) => metricText("gain", value),
    difference: (value) => differenceText("gain", value),
  };
}

/** PSNR as the report prints it: the sum over the outputs of dB / 10. */
function scaled(id, name) {
  const scale = (value, outputs) =>
    value === null || value === undefined || !outputs ? null : (outputs * value) / 10;
  return {
    id,
    metric: name,
    label: `${name} max`,
    unit: "report’s scale",
    less: false,
    numeric: true,
    value: (trial) => scale(trial.stats[name]?.best, trial.outputs.length),
    bicubic: (of) => scale(of.baseline[name], of.outputs.length),
    text: (value) => (value === null ? "–" : value.toFixed(4)),
    difference: (value) => differenceText("", Number(value.toFixed(4))),
  };
}

function fact(id, name, study) {
  return {
    id,
    label: name.replaceAll("_", " "),
    unit: null,
    less: study?.columns[name]?.less ?? true,
    numeric: true,
    value: (trial) => trial.facts[name] ?? null,
    text: (value) => numberText(value),
    difference: (value) => differenceText("", value),
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

/** Values that mean the same setting as the same text (1 and 1.0, a list and its copy). */
export function canonical(value) {
  return JSON.stringify(value ?? null);
}
