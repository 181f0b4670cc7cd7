// The studies as they were read (docs/page-data.md) and what follows from them: the best value of
// every curve, gains over bicubic, ranks. Updates of a running study are merged in place.

const OUTPUTS = ["mid", "large"];
const EMPTY = { epoch: [], started: [], ended: [], worker: [], metrics: {} };

/** All studies of the page. `version` grows with every change. */
export function createModel(data) {
  const model = { ...data, studies: new Map(), version: 0 };
  for (const [key, raw] of Object.entries(data.studies)) putStudy(model, key, raw);
  return model;
}

/** Take in a whole study, in place of what was known of it. */
export function putStudy(model, key, raw) {
  const study = { ...raw, key, problem: null, trials: new Map(), pictures: raw.pictures ?? null };
  for (const row of raw.trials) putTrial(study, row, raw.common);
  for (const [number, columns] of Object.entries(raw.epochs)) {
    addEpochs(study.trials.get(Number(number)), columns);
  }
  settle(study, study.trials.values());
  model.studies.set(key, study);
  model.version += 1;
  return study;
}

/** Merge what changed in a study since it was read. Returns whether anything did. */
export function updateStudy(model, key, update) {
  const study = model.studies.get(key);
  const { trials, epochs, events, columns, ...head } = update;
  if (update.revision === study.revision) return false;
  const touched = new Set();
  for (const row of trials) touched.add(putTrial(study, row, {}));
  for (const [number, rows] of Object.entries(epochs)) {
    const trial = study.trials.get(Number(number));
    if (trial) touched.add(addEpochs(trial, rows));
  }
  Object.assign(study, head, { columns: { ...study.columns, ...columns } });
  study.events = study.events.concat(events);
  settle(study, touched);
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
    },
  };
  study.trials.set(row.number, trial);
  return trial;
}

/** Epochs that are known already are replaced: an update may tell them again. */
function addEpochs(trial, columns) {
  const workers = columns.worker.flatMap(([name, count]) => Array(count).fill(name));
  const epochs = trial.epochs;
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
  });
  return trial;
}

/** Work out what follows from the rows of some trials, then what follows for the study. */
function settle(study, trials) {
  for (const trial of trials) {
    const epochs = trial.epochs;
    const measured = Object.keys(epochs.metrics);
    trial.outputs = OUTPUTS.filter((name) => measured.includes(`validation/psnr_${name}`));
    if (!trial.outputs.length) {
      trial.outputs = OUTPUTS.filter((name) => trial.values["network.outputs"]?.includes?.(name));
    }
    trial.seconds = epochs.ended.reduce(
      (sum, end, i) => sum + Math.max(0, end - epochs.started[i]),
      0,
    );
    trial.stats = {};
    for (const name of measured) {
      trial.stats[name] = summarize(epochs, name, study.columns[name]?.less ?? false);
    }
    trial.gain = gainOf(trial);
  }
  const seen = OUTPUTS.filter((name) =>
    [...study.trials.values()].some((trial) => trial.outputs.includes(name)),
  );
  study.baseline = study.bicubic[seen.join(",")] ?? {};
  study.outputs = seen.length
    ? seen
    : OUTPUTS.filter((name) => `validation/psnr_${name}` in study.baseline);
  study.goal = study.goals[0] ?? null;
  const ranked = [...study.trials.values()].filter((trial) => score(trial) !== null);
  study.best = ranked.sort(byRank)[0] ?? null;
  study.pauses = pausesOf(study);
}

/** When nothing ran: [from, to], in seconds since the start, before every resumption. */
function pausesOf(study) {
  const again = study.events.filter((event) => ["resumed", "extended"].includes(event.kind));
  if (!again.length) return [];
  const trials = [...study.trials.values()];
  const signs = trials.flatMap((trial) => trial.epochs.ended);
  for (const event of study.events) {
    if (!["started", "resumed", "extended"].includes(event.kind))
      signs.push(event.time - study.created);
  }
  return again.map((event) => {
    const to = event.time - study.created;
    return [signs.reduce((last, sign) => (sign <= to && sign > last ? sign : last), 0), to];
  });
}

/** Seconds that a study had been running at a time, which is given since its start. */
export function runningTime(study, time) {
  const paused = (sum, [from, to]) => sum + Math.max(0, Math.min(time, to) - from);
  return time - study.pauses.reduce(paused, 0);
}

function summarize(epochs, name, less) {
  const values = epochs.metrics[name];
  const found = { min: null, max: null, best: null, bestEpoch: null, last: null };
  values.forEach((value, index) => {
    if (value === null || value === undefined) return; // not every epoch need measure it
    found.last = value;
    if (found.min === null || value < found.min) found.min = value;
    if (found.max === null || value > found.max) found.max = value;
    if (found.best === null || (less ? value < found.best : value > found.best)) {
      found.best = value;
      found.bestEpoch = epochs.epoch[index];
    }
  });
  return found;
}

function gainOf(trial) {
  const measured = trial.stats["validation/gain"]?.best;
  if (measured !== null && measured !== undefined) return measured;
  const best = trial.stats["validation/psnr"]?.best ?? null;
  const bicubic = trial.study.bicubic[trial.outputs.join(",")]?.["validation/psnr"];
  return best === null || bicubic === undefined ? null : best - bicubic;
}

/** How many trials a study is to have: the proposals that are allowed, and those given by name. */
export function planned(study) {
  const trials = [...study.trials.values()];
  const given = trials.filter((trial) => trial.kind !== "search").length;
  return Math.max(trials.length, (study.budget.trials ?? 0) + given);
}

/** The value of a trial by which its study ranks it; null where it has none or failed. */
export function score(trial, goal = trial.study.goal) {
  if (trial.state === "failed" || goal === null) return null;
  return goalValue(trial, goal);
}

/** The best value of a goal, which is a metric or a fact. */
export function goalValue(trial, goal) {
  return trial.stats[goal]?.best ?? trial.facts[goal] ?? null;
}

/**
 * Best first; then those without a value by number; the failed ones last. Studies that search for
 * the same goal are ranked as one.
 */
export function byRank(a, b) {
  if (a.study.goal !== b.study.goal) return 0;
  const [x, y] = [score(a), score(b)];
  const rank = (trial, value) => (trial.state === "failed" ? 2 : value === null ? 1 : 0);
  const less = a.study.columns[a.study.goal]?.less ? 1 : -1;
  return rank(a, x) - rank(b, y) || (x !== null ? less * (x - y) : 0) || a.number - b.number;
}
