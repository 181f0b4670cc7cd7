// The rows of the compare table: which there are, what they say of each trial, which cells are
// best and which differ from the reference.
import { firstMetrics } from "./catalogue.js";
import { canonical, comparable, quantity, STATISTICS } from "./quantities.js";
import { numberText } from "./format.js";
import { view } from "./state.js";

let facts = { key: null };

/** Groups of rows as chosen: [{title, rows: [quantity]}]. */
export function tableRows(selection, known) {
  const study = selection.studies[0];
  const wanted = (id, atFirst) => (atFirst ? !view.norow.includes(id) : view.row.includes(id));
  const groups = rowChoices(known).map(({ title, choices }) => ({
    title,
    rows: choices
      .filter((choice) => wanted(choice.id, choice.atFirst))
      .flatMap((choice) => quantitiesOf(choice.id, known))
      .map((id) => quantity(id, study)),
  }));
  for (const group of groups) {
    group.rows = group.rows.filter((row) => !view.diff || factsOf(row, selection).differs);
  }
  return groups.filter((group) => group.rows.length);
}

/** What the trials of the chosen studies are compared with, as far as it is shown. */
export function baselinesOf(selection) {
  return view.baselines ? selection.studies.flatMap((study) => study.compared) : [];
}

/**
 * The columns from the left, `fixed` ones stay in sight: the reference, the pinned trials, what
 * trials are compared with, the others.
 */
export function columnsOf(selection, most = Infinity) {
  const { shown, reference, pinned } = selection;
  const first = reference && shown.includes(reference) ? [reference] : [];
  const fixed = [...first, ...shown.filter((trial) => trial !== reference && pinned.has(trial.id))];
  const kept = new Set(fixed.slice(0, most));
  return [
    ...[...kept].map((trial) => ({ trial, fixed: true })),
    ...baselinesOf(selection).map((baseline) => ({ baseline })),
    ...shown.filter((trial) => !kept.has(trial)).map((trial) => ({ trial })),
  ];
}

/** Everything that can be a row, for the menu: `atFirst` says whether it is one at first. */
export function rowChoices(known) {
  const first = firstMetrics(known);
  const choice = (id, label, atFirst) => ({ id, label, atFirst });
  return [
    {
      title: "Searched settings",
      choices: known.searched.map((path) => choice(`set:${path}`, path, true)),
    },
    {
      title: "Metrics",
      choices: known.metrics
        .filter((name) => !known.columns[name]?.over)
        .flatMap((name) => [
          choice(`metric:${name}`, name, first.includes(name)),
          ...(name === known.gain?.of ? [choice("gain", known.gain.label, true)] : []),
        ]),
    },
    {
      title: "Other seeds",
      choices: known.repeated ? [choice("run:mean", "mean over seeds", true)] : [],
    },
    {
      title: "Notes",
      choices: known.noted
        ? [choice("run:tags", "tags", true), choice("run:note", "note", true)]
        : [],
    },
    {
      title: "Size and speed",
      choices: known.facts.map((name) => choice(`fact:${name}`, name, true)),
    },
    {
      title: "Run",
      choices: [
        choice("run:state", "state", true),
        choice("run:epochs", "epochs", true),
        choice("run:seconds", "training time", true),
        choice("run:retries", "retries", false),
      ],
    },
    {
      title: "Other settings",
      choices: known.settings.map((path) => choice(`set:${path}`, path, false)),
    },
  ];
}

/** The quantities of one choice: a metric has its statistics and its scales. */
function quantitiesOf(id, known) {
  const chosen = STATISTICS.map(([kind]) => kind).filter((kind) => view.stat.includes(kind));
  const main = chosen.filter((kind) => kind === "at" || kind === "best");
  if (id === "gain") return main.map((kind) => `gain:${kind}`);
  if (!id.startsWith("metric:")) return [id];
  const name = id.slice("metric:".length);
  const scaled = known.scaled.includes(name);
  const found = [];
  for (const kind of chosen) {
    if (!scaled || view.scale !== "other") found.push(`${kind}:${name}`);
    if (scaled && view.scale !== "own" && main.includes(kind)) {
      found.push(kind === "at" ? `scale:${name}` : `best-scale:${name}`);
    }
  }
  return found;
}

/** What a whole row says: whether its values differ, and which of them is the best. */
function factsOf(row, selection) {
  if (facts.key !== selection.key) facts = { key: selection.key, rows: new Map() };
  if (!facts.rows.has(row.id)) facts.rows.set(row.id, compareRow(row, selection.shown));
  return facts.rows.get(row.id);
}

/** No cell is the best of a row whose values are of different kinds, or of different data. */
function compareRow(row, trials) {
  let [best, differs, count, judged] = [null, false, 0, row.less !== null];
  const first = trials.length ? canonical(row.value(trials[0])) : null;
  let other = null;
  for (const trial of trials) {
    const value = row.value(trial);
    differs ||= canonical(value) !== first;
    if (row.less === null || value === null || trial.state === "failed") continue;
    judged &&= other === null || comparable(row, trial, other);
    other = trial;
    count += 1;
    if (best === null || (row.less ? value < best : value > best)) best = value;
  }
  return { differs, best: judged && count > 1 && differs ? best : null };
}

/**
 * One cell: its text (`plain` for programs), whether it is the row's best, and what changed against the reference
 * (`change`: better, worse, other, or null; `difference`: the signed text of numbers).
 */
export function cell(row, trial, selection) {
  const value = row.value(trial);
  const text = row.text(value, trial);
  const plain = value === null ? "" : (row.plain?.(value) ?? text);
  const best = value !== null && trial.state !== "failed" && value === factsOf(row, selection).best;
  const reported = reportedText(row, trial);
  if (!view.changes || !selection.reference || trial === selection.reference) {
    return { text, plain, best, reported, change: null, difference: null };
  }
  const reference = selection.reference;
  const judged = comparable(row, trial, reference);
  return { text, plain, best, reported, ...changed(row, value, row.value(reference), judged) };
}

/** The cell of a baseline, which nothing was trained for. */
export function baselineCell(row, line, selection) {
  const value = row.baseline?.(line) ?? null;
  const text = value === null ? "" : row.text(value);
  const reference = selection.reference;
  if (!view.changes || !reference || value === null) return { text, plain: text, change: null };
  const judged = comparable(row, { study: line.study, values: reference.values }, reference);
  return { text, plain: text, ...changed(row, value, row.value(reference), judged) };
}

function changed(row, value, reference, judged) {
  if (canonical(value) === canonical(reference)) return { change: null, difference: null };
  if (row.path) return { change: "other", difference: null };
  if (!row.difference || value === null || reference === null) {
    return { change: null, difference: null };
  }
  const difference = value - reference;
  const better = difference < 0 === row.less ? "better" : "worse";
  const text = row.difference(difference);
  // what rounds to nothing is neither better nor worse
  const told = judged && row.less !== null && /[1-9]/.test(text);
  return { change: told ? better : "apart", difference: text };
}

/** The figure that was published of a trial, in the row that has its scale. */
function reportedText(row, trial) {
  const figure = trial.reported[row.metric];
  if (figure === undefined || !/^(at|scale|best|best-scale):/.test(row.id)) return null;
  const onScale = row.id.includes("scale:");
  const hasScale = trial.study.columns[row.metric]?.scale;
  return onScale || !hasScale || view.scale === "own" ? numberText(figure, 6) : null;
}
