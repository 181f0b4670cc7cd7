// The rows of the compare table: which there are, what they say of each trial, which cells are
// best and which differ from the reference.
import { firstMetrics } from "./catalogue.js";
import { canonical, quantity } from "./quantities.js";
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
      choices: [
        ...known.metrics
          .filter((name) => name !== "validation/gain")
          .flatMap((name) => [
            choice(`metric:${name}`, name, first.includes(name)),
            ...(name === "validation/psnr" && known.scaled.includes(name)
              ? [choice("best:validation/gain", "gain over bicubic", true)]
              : []),
          ]),
      ],
    },
    { title: "Facts", choices: known.facts.map((name) => choice(`fact:${name}`, name, true)) },
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
  if (!id.startsWith("metric:")) return [id];
  const name = id.slice("metric:".length);
  const scaled = known.scaled.includes(name);
  const found = [];
  for (const statistic of ["best", "min", "max", "last"]) {
    if (!view.stat.includes(statistic)) continue;
    if (!scaled || view.scale !== "report") found.push(`${statistic}:${name}`);
    if (scaled && view.scale !== "db" && statistic === "best") found.push(`scale:${name}`);
  }
  return found;
}

/** What a whole row says: whether its values differ, and which of them is the best. */
export function factsOf(row, selection) {
  if (facts.key !== selection.key) facts = { key: selection.key, rows: new Map() };
  if (!facts.rows.has(row.id)) facts.rows.set(row.id, compareRow(row, selection.shown));
  return facts.rows.get(row.id);
}

function compareRow(row, trials) {
  let [best, differs, count] = [null, false, 0];
  const first = trials.length ? canonical(row.value(trials[0])) : null;
  for (const trial of trials) {
    const value = row.value(trial);
    differs ||= canonical(value) !== first;
    if (row.less === null || value === null || trial.state === "failed") continue;
    count += 1;
    if (best === null || (row.less ? value < best : value > best)) best = value;
  }
  return { differs, best: count > 1 && differs ? best : null };
}

/**
 * One cell: its text, whether it is the row's best, and what changed against the reference
 * (`change`: better, worse, other, or null; `difference`: the signed text of numbers).
 */
export function cell(row, trial, selection) {
  const value = row.value(trial);
  const text = row.text(value, trial);
  const best = value !== null && trial.state !== "failed" && value === factsOf(row, selection).best;
  const reported = reportedText(row, trial);
  if (!view.changes || !selection.reference || trial === selection.reference) {
    return { text, best, reported, change: null, difference: null };
  }
  return { text, best, reported, ...changed(row, value, row.value(selection.reference)) };
}

/** The bicubic column's cell. */
export function bicubicCell(row, study, selection) {
  const value = row.bicubic?.(study) ?? null;
  const text = value === null ? "" : row.text(value);
  if (!view.changes || !selection.reference || value === null) return { text, change: null };
  return { text, ...changed(row, value, row.value(selection.reference)) };
}

function changed(row, value, reference) {
  if (canonical(value) === canonical(reference)) return { change: null, difference: null };
  if (row.less === null || value === null || reference === null) {
    return { change: row.path ? "other" : null, difference: null };
  }
  const difference = value - reference;
  return {
    change: difference < 0 === row.less ? "better" : "worse",
    difference: row.difference(difference),
  };
}

/** What the report prints for a baseline, in the row that has its scale. */
function reportedText(row, trial) {
  const figure = trial.reported[row.metric];
  if (figure === undefined) return null;
  const onScale = row.id.startsWith("scale:");
  const best = row.id.startsWith("best:");
  const isScaled = ["train/psnr", "validation/psnr"].includes(row.metric);
  if (onScale || (best && (!isScaled || view.scale === "db"))) return String(figure);
  return null;
}
