// The studies as they were read (docs/page-data.md) and what follows from them: baselines and
// ranks. Updates of a running study are merged in place.
import { counted } from "./format.js";
import { pausesOf } from "./running_time.js";

const NOTHING = { epoch: null, parts: [], metrics: {}, gain: [], scales: {} };
const EMPTY = { epoch: [], started: [], ended: [], worker: [], metrics: {}, broken: {} };

/** All studies of the page. `version` grows with every change. */
export function createModel(data) {
  const model = { ...data, studies: new Map(), version: 0 };
  for (const [key, raw] of Object.entries(data.studies)) putStudy(model, key, raw);
  return model;
}

/** Take in a whole study, in place of what was known of it. */
export function putStudy(model, key, raw) {
  const study = { ...raw, key, problem: null, trials: new Map(), pictures: raw.pictures ?? null };
  // what is noted of trials can be found and sorted by: all is worked out anew
  study.touched = () => {
    for (const trial of study.trials.values()) trial.searchable = null;
    model.version += 1;
  };
  for (const row of raw.trials) putTrial(study, row, raw.common);
  for (const [number, columns] of Object.entries(raw.epochs)) {
    addEpochs(study.trials.get(Number(number)), columns);
  }
  putStats(study, raw.stats);
  settle(study);
  model.studies.set(key, study);
  model.version += 1;
  return study;
}

/** Merge what changed in a study since it was read. Returns whether anything did. */
export function updateStudy(model, key, update) {
  const study = model.studies.get(key);
  const { trials, epochs, events, columns, stats, ...head } = update;
  if (update.revision === study.revision) return false;
  for (const row of trials) putTrial(study, row, {});
  for (const [number, rows] of Object.entries(epochs)) {
    const trial = study.trials.get(Number(number));
    if (trial) addEpochs(trial, rows);
  }
  Object.assign(study, head, { columns: { ...study.columns, ...columns } });
  study.events = study.events.concat(events);
  putStats(study, stats);
  settle(study);
  model.version += 1;
  return true;
}

function putTrial(study, row, common) {
  const before = study.trials.get(row.number);
  const trial = {
    reported: {},
    facts: {},
    retries: 0,
    ...row,
    id: `${row.number}@${study.key}`,
    study,
    values: { ...common, ...row.settings, ...row.params },
    epochs: before?.epochs ?? {
      ...EMPTY,
      epoch: [],
      started: [],
      ended: [],
      worker: [],
      metrics: {},
      broken: {},
    },
    ...summed(NOTHING, {}),
    ...(before && { ...pick(before) }),
  };
  study.trials.set(row.number, trial);
  return trial;
}

/** Epochs that are known already are replaced: an update may tell them again. */
function addEpochs(trial, columns) {
  const workers = columns.worker.flatMap(([name, count]) => Array(count).fill(name));
  const epochs = trial.epochs;
  if (!epochs.epoch.length) {
    // the first ones, of which a large study has very many, are taken as they are
    const { epoch, started, ended, metrics, broken = {} } = columns;
    Object.assign(epochs, { epoch, started, ended, worker: workers, metrics, broken });
    return trial;
  }
  columns.epoch.forEach((epoch, row) => {
    let at = epochs.epoch.length;
    while (at > 0 && epochs.epoch[at - 1] >= epoch) at -= 1;
    if (epochs.epoch[at] !== epoch) at = epochs.epoch.length; // epochs come in order
    epochs.epoch[at] = epoch;
    epochs.started[at] = columns.started[row];
    epochs.ended[at] = columns.ended[row];
    epochs.worker[at] = workers[row];
    for (const [name, values] of Object.entries(columns.metrics)) {
      epochs.metrics[name] ??= Array(at).fill(null);
      epochs.metrics[name][at] = values[row];
    }
    for (const [name, rows] of Object.entries(columns.broken ?? {})) {
      if (rows.includes(row)) (epochs.broken[name] ??= []).push(at);
    }
  });
  return trial;
}

/** Take in what was computed of trials: their best epoch, parts, metrics, gain and scales. */
function putStats(study, stats) {
  for (const [number, found] of Object.entries(stats)) {
    const trial = study.trials.get(Number(number));
    if (trial) Object.assign(trial, summed(found, study.columns));
  }
}

function summed({ epoch, parts, metrics, gain, scales }, columns) {
  const each = (rows, read) =>
    Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, read(row, name)]));
  return {
    bestEpoch: epoch,
    parts,
    stats: each(metrics, (row, name) => summary(row, columns[name]?.less)),
    gain: shown(gain),
    scales: each(scales, shown),
  };
}

function shown([at = null, best = null]) {
  return { at, best };
}

/** The statistics of one metric; `at` is its value at the trial's best epoch. */
function summary([best, bestEpoch, last, other, ...more], less) {
  if (best === null) return { at: more[0], best, bestEpoch, last, min: other, max: more[1] };
  const at = more.length ? more[0] : best;
  const [min, max] = less ? [best, other] : [other, best];
  return { at, best, bestEpoch, last, min, max };
}

/** What was computed of a trial stays when its row is written anew. */
function pick({ bestEpoch, parts, stats, gain, scales }) {
  return { bestEpoch, parts, stats, gain, scales };
}

/** Work out what follows for the study. */
function settle(study) {
  const trials = [...study.trials.values()];
  for (const trial of trials) {
    trial.seconds = secondsOf(trial.epochs);
    trial.repeats = study.repeats[trial.number] ?? null;
  }
  const seen = Object.keys(study.baselines[0]?.by_parts ?? {})
    .flatMap((key) => key.split(","))
    .filter((part, index, all) => all.indexOf(part) === index)
    .filter((part) => trials.some((trial) => trial.parts.includes(part)));
  study.compared = study.baselines.map(({ label, by_parts: byParts }) => ({
    label,
    study,
    ...(byParts[seen.join(",")] ?? byParts[""]),
  }));
  study.goal = study.goals[0] ?? null;
  study.better = byRank([study]);
  const ranked = trials.filter((trial) => score(trial) !== null && trial.kind !== "confirm");
  study.best = ranked.sort(study.better)[0] ?? null;
  study.pauses = pausesOf(study);
}

function secondsOf({ started, ended }) {
  return ended.reduce((sum, end, i) => sum + Math.max(0, end - started[i]), 0);
}

/** The trials of a study by number, without the repeats of the best, which are part of theirs. */
export function tried(study) {
  const trials = [...study.trials.values()].filter((trial) => trial.kind !== "confirm");
  return trials.sort((a, b) => a.number - b.number);
}

/** How many trials a study is to have, without the repeats of the best. */
export function planned(study) {
  return Math.max(tried(study).length, study.planned ?? 0);
}

/** `, 2 repeats`, where the best were trained again under other seeds. */
export function repeatsText(study) {
  const count = study.trials.size - tried(study).length;
  return count ? `, ${counted(count, "repeat")}` : "";
}

/** By what a trial is the best: its value or, as `mean`, its mean over other seeds. */
export function standing(trial) {
  const { study, repeats, gain } = trial;
  const own = score(trial);
  const value = repeats ? repeats.mean : own;
  const ofGoal = study.gain?.of === study.goal;
  if (!repeats) return { value, over: "", gain: gain.at };
  const shifted = ofGoal && gain.at !== null ? gain.at + value - own : null;
  return { value, over: ` over ${counted(repeats.count, "other seed")}`, gain: shifted };
}

/** The value of a trial by which its study ranks it; null where it has none or failed. */
export function score(trial, goal = trial.study.goal) {
  if (trial.state === "failed" || goal === null) return null;
  return goalValue(trial, goal);
}

/** A statistic of a metric of a trial, or what is known of it without training. */
export function statistic(trial, name, kind) {
  return trial.stats[name]?.[kind] ?? (kind === "last" ? null : (trial.facts[name] ?? null));
}

const NO_NOTE = { star: false, tags: [], text: "" };

/** What people noted of a trial: `star`, `tags`, `text`. */
export function noteOf(trial) {
  return trial.study.notes?.trials?.[trial.name] ?? NO_NOTE;
}

/** The best value of a goal, which is a metric or a fact. */
function goalValue(trial, goal) {
  return statistic(trial, goal, "best");
}

/**
 * Whether two studies were measured alike, so that their metrics may be compared: on the same
 * data, as far as the studies say.
 */
export function alike(a, b) {
  return a === b || (a.data?.fingerprint ?? null) === (b.data?.fingerprint ?? null);
}

/** Study -> the first of those that it is ranked with, as its place in the list. */
function rankedTogether(studies) {
  const first = (study) =>
    studies.findIndex((other) => other.goal === study.goal && alike(other, study));
  return new Map(studies.map((study) => [study, first(study)]));
}

/** Why "best first" does not rank all trials of these studies as one; null where it does. */
export function rankedApart(studies) {
  const groups = new Set(rankedTogether(studies).values()).size;
  if (groups < 2) return null;
  const within = groups === studies.length ? "each study" : "studies that are alike";
  const why = studies.every((study) => alike(study, studies[0]))
    ? "they search for different metrics"
    : "scored on different data, so no value is the best (★) of all";
  return `Ranked within ${within}: ${why}.`;
}

/**
 * An order of the trials of some studies, as tuner/analysis/ranking.py has it: best first, those
 * that were trained again under other seeds by their mean; then those without a value by number;
 * the failed ones last. Studies that search for the same goal on the same data are ranked as one,
 * the others stand one after the other.
 */
export function byRank(studies) {
  const groups = rankedTogether(studies);
  const cost = (trial, value) => (trial.study.columns[trial.study.goal]?.less ? value : -value);
  const toBeat = studies.map(() => Infinity); // by group: what was chosen to be trained again
  for (const trial of studies.flatMap((study) => [...study.trials.values()])) {
    const group = groups.get(trial.study);
    const own = score(trial);
    if (trial.repeats && own !== null) toBeat[group] = Math.min(toBeat[group], cost(trial, own));
  }
  const keys = new Map(); // of thousands each is asked for often
  const keyOf = (trial) => {
    if (!keys.has(trial)) keys.set(trial, rankKey(trial));
    return keys.get(trial);
  };
  const rankKey = (trial) => {
    const [own, group] = [score(trial), groups.get(trial.study)];
    if (trial.state === "failed") return [group, 5, 0];
    if (own === null) return [group, 4, 0];
    if (trial.kind === "confirm") return [group, 3, cost(trial, own)];
    if (trial.repeats) return [group, 1, cost(trial, trial.repeats.mean)];
    const ahead = toBeat[group] < Infinity && cost(trial, own) < toBeat[group];
    return [group, ahead ? 0 : 2, cost(trial, own)];
  };
  return (a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)];
    return (
      x[0] - y[0] ||
      x[1] - y[1] ||
      x[2] - y[2] ||
      a.number - b.number ||
      studies.indexOf(a.study) - studies.indexOf(b.study)
    );
  };
}
