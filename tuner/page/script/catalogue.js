// Which quantities the chosen studies have: what can be a row, a filter, an axis.
import { noteOf } from "./model.js";
import { canonical } from "./quantities.js";

const FIRST = 4; // metrics that are shown at first, beside the goals: those declared first
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
    if (trial.kind !== "confirm") for (const path in trial.params) searched.add(path);
    for (const path in trial.values) settings.add(path);
    for (const name in trial.stats) metrics.add(name);
    for (const name in trial.facts) facts.add(name);
  }
  for (const name of facts) metrics.delete(name);
  const columns = Object.assign({}, ...selection.studies.map((study) => study.columns).reverse());
  const declared = new Map(Object.keys(columns).map((name, index) => [name, index]));
  cached = {
    key,
    searched: [...searched].sort(),
    settings: [...settings].filter((path) => !searched.has(path)).sort(),
    metrics: [...metrics].sort((a, b) => placeOf(a) - placeOf(b) || a.localeCompare(b)),
    columns,
    facts: [...facts].sort(),
    goals: [...new Set(selection.studies.flatMap((study) => study.goals))],
    scaled: [...metrics].filter((name) => columns[name]?.scale),
    noted: selection.all.some((trial) => noteOf(trial).tags.length || noteOf(trial).text),
    repeated: selection.all.some((trial) => trial.repeats),
    gain: selection.studies.map((study) => study.gain).find(Boolean) ?? null,
    varied: [...searched].sort().filter((path) => differs(path, selection.all)),
  };
  return cached;

  /** The goals first, then as the objective declares them, then what it does not describe. */
  function placeOf(name) {
    const goals = selection.studies.map((study) => study.goals.indexOf(name));
    const goal = Math.max(-1, ...goals);
    if (goal >= 0) return goal - 100;
    return columns[name]?.minor ? 1e6 : (declared.get(name) ?? 1e5);
  }
}

/** Whether trials differ in a setting. */
function differs(path, trials) {
  const first = canonical(trials[0]?.values[path]);
  return trials.some((trial) => canonical(trial.values[path]) !== first);
}

/** The metrics that are shown at first: what is searched for, and those declared first. */
export function firstMetrics(known) {
  const plain = known.metrics.filter((name) => {
    const column = known.columns[name];
    return !column?.minor && !column?.over;
  });
  const first = plain.filter((name) => !known.goals.slice(1).includes(name)).slice(0, FIRST);
  return known.metrics.filter((name) => known.goals.includes(name) || first.includes(name));
}

/** Everything that trials can be sorted and filtered by, in groups for a menu. */
export function sortable(known) {
  const named = (kind) => (name) => [`${kind}:${name}`, name];
  return [
    { label: "Searched settings", options: known.searched.map(named("set")) },
    { label: "Best value", options: known.metrics.map(named("best")) },
    { label: "Size and speed", options: known.facts.map(named("fact")) },
    {
      label: "Run",
      options: [
        ["run:state", "state"],
        ["run:epochs", "epochs"],
        ["run:seconds", "training time"],
        ...(known.noted ? [["run:tags", "tags"]] : []),
      ],
    },
    { label: "Other settings", options: known.settings.map(named("set")) },
  ].filter((group) => group.options.length);
}
