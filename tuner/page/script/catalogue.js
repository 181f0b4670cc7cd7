// Which quantities the chosen studies have: what can be a row, a filter, an axis.
import { canonical, SCALED } from "./quantities.js";

const REPORTED = ["train/loss", "train/psnr", "validation/loss", "validation/psnr"];
let cached = { key: null };

/**
 * The names that any trial has: `searched` paths, other `settings`, `metrics` (the goals first),
 * `facts`. Counted over all trials, so that hiding one does not take rows away.
 */
export function catalogue(selection, model) {
  const key = `${model.version}|${selection.studies.map((study) => study.key)}`;
  if (cached.key === key) return cached;
  const searched = new Set();
  const settings = new Set();
  const metrics = new Set(selection.studies.flatMap((study) => study.goals));
  const facts = new Set();
  for (const trial of selection.all) {
    for (const path in trial.params) searched.add(path);
    for (const path in trial.values) settings.add(path);
    for (const name in trial.stats) metrics.add(name);
    for (const name in trial.facts) facts.add(name);
  }
  for (const name of facts) metrics.delete(name);
  cached = {
    key,
    searched: [...searched].sort(),
    settings: [...settings].filter((path) => !searched.has(path)).sort(),
    metrics: [...metrics].sort((a, b) => importanceOf(a) - importanceOf(b) || a.localeCompare(b)),
    facts: [...facts].sort(),
    goals: [...new Set(selection.studies.flatMap((study) => study.goals))],
    scaled: SCALED.filter((name) => metrics.has(name)),
    varied: [...searched].sort().filter((path) => differs(path, selection.all)),
  };
  return cached;

  function importanceOf(name) {
    if (selection.studies.some((study) => study.goals.includes(name))) return 0;
    return REPORTED.includes(name) ? 1 : name === "seconds" ? 3 : 2;
  }
}

/** Whether trials differ in a setting. */
function differs(path, trials) {
  const first = canonical(trials[0]?.values[path]);
  return trials.some((trial) => canonical(trial.values[path]) !== first);
}

/** The metrics that a table shows at first: what is searched for, and what the report prints. */
export function firstMetrics(known) {
  return known.metrics.filter((name) => known.goals.includes(name) || REPORTED.includes(name));
}

/** Everything that trials can be sorted and filtered by, in groups for a menu. */
export function sortable(known) {
  const named = (kind) => (name) => [`${kind}:${name}`, name];
  return [
    { label: "Searched settings", options: known.searched.map(named("set")) },
    { label: "Best value", options: known.metrics.map(named("best")) },
    { label: "Facts", options: known.facts.map(named("fact")) },
    {
      label: "Run",
      options: [
        ["run:state", "state"],
        ["run:epochs", "epochs"],
        ["run:seconds", "training time"],
      ],
    },
    { label: "Other settings", options: known.settings.map(named("set")) },
  ].filter((group) => group.options.length);
}
