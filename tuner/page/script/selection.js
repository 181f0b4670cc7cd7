// Which trials the page shows, in which order, and in which colours.
import { firstOf, paint } from "./colours.js";
import { remember } from "./memory.js";
import { byRank, noteOf } from "./model.js";
import { compareValues, quantity } from "./quantities.js";
import { settingText, visible } from "./format.js";
import { view } from "./state.js";

let cached = { key: null };

/**
 * The reader's selection (`key` changes with it): `studies` chosen; `all` their trials; `listed` those that pass the
 * filters, in order; `shown` those of them whose eye is open, pinned first; `reference`;
 * `slot(trial)` the number of its colour, or null; `unbeaten(trial)` whether no other beats it in
 * both goals of a study that has two.
 */
export function select(model) {
  const choices = [
    view.study,
    view.ref,
    view.pin,
    view.colour,
    [...view.hide],
    view.q,
    view.state,
    view.kind,
    view.starred,
    view.where,
    view.sort,
    view.down,
  ].join("|");
  const key = `${model.version}|${choices}`;
  if (cached.key === key) return cached;
  const studies = chosenStudies(model);
  const all = studies.flatMap((study) => [...study.trials.values()]);
  const ranked = byRank(studies);
  const listed = inOrder(all.filter(passes(studies[0])), studies[0], ranked);
  const visibleTrials = listed.filter((trial) => !view.hide.has(trial.id));
  const isPinned = (trial) => view.pin.includes(trial.id);
  const byPin = (a, b) => view.pin.indexOf(a.id) - view.pin.indexOf(b.id);
  const allPinned = all.filter(isPinned).sort(byPin);
  const pinned = visibleTrials.filter(isPinned).sort(byPin);
  const shown = [...pinned, ...visibleTrials.filter((trial) => !isPinned(trial))];
  const reference = referenceOf(all);
  const stamp = `${model.version}|${studies.map((study) => study.key)}`;
  const first = remember("coloured first", stamp, () => firstOf(all, ranked));
  const { own, lent } = paint({ first, pinned: allPinned, shown, written: view.colour });
  const slot = (trial) => own.get(trial.id) ?? lent.get(trial.id) ?? null;
  cached = {
    key,
    choices,
    version: model.version,
    studies,
    all,
    listed,
    shown,
    reference,
    pinned: new Set(pinned.map((trial) => trial.id)),
    first,
    allPinned,
    coloured: shown.filter((trial) => slot(trial) !== null),
    slot,
    unbeaten: (trial) => trial.study.analysis?.front.includes(trial.number) ?? false,
    label: (trial) => trialLabel(trial, studies.length > 1),
  };
  return cached;
}

/** A trial's name, with its study's where there are several. */
function trialLabel(trial, several) {
  return several ? `${visible(trial.study.key)} / ${visible(trial.name)}` : visible(trial.name);
}

function chosenStudies(model) {
  const asked = view.study.map((key) => model.studies.get(key)).filter(Boolean);
  if (asked.length) return asked;
  const all = [...model.studies.values()];
  return model.live ? all.slice(0, 1) : all;
}

/** The trial that others are compared with: as chosen, else the first baseline or trial. */
function referenceOf(all) {
  const chosen = all.find((trial) => trial.id === view.ref);
  return chosen ?? all.find((trial) => trial.kind === "baseline") ?? all[0] ?? null;
}

function inOrder(trials, study, ranked) {
  const direction = view.down ? -1 : 1;
  if (view.sort === "rank") return [...trials].sort((a, b) => direction * ranked(a, b));
  if (view.sort === "name") {
    const names = new Intl.Collator("en", { numeric: true });
    return [...trials].sort((a, b) => direction * names.compare(a.name, b.name));
  }
  const of = quantity(view.sort === "number" ? "run:number" : view.sort, study);
  const keyed = trials.map((trial) => [of.value(trial), trial]);
  const missing = (value) => value === null || value === undefined;
  keyed.sort(
    ([a, s], [b, t]) =>
      missing(a) - missing(b) || direction * compareValues(a, b) || s.number - t.number,
  );
  return keyed.map(([, trial]) => trial);
}

function passes(study) {
  const words = folded(view.q).split(/\s+/).filter(Boolean);
  const conditions = view.where.map(parseCondition).filter(Boolean);
  for (const one of conditions) one.of = quantity(one.id, study);
  return (trial) =>
    (!view.state.length || view.state.includes(trial.state)) &&
    // repeats under other seeds are part of their trial, unless they are asked for
    (view.kind.length ? view.kind.includes(trial.kind) : trial.kind !== "confirm") &&
    (!view.starred || noteOf(trial).star) &&
    (!words.length || words.every((word) => says(trial, word))) &&
    conditions.every((one) => holds(one, trial));
}

/**
 * Whether a word is found in a trial. `learning_rate=0.001` asks for that setting with exactly that
 * value, by its path or the end of it; `learning_rate=` and `0.001` are found wherever they stand.
 */
function says(trial, word) {
  const [, path, wanted] = /^([\w.]+)=(.+)$/.exec(word) ?? [];
  const named = ([own]) => own.toLowerCase() === path || own.toLowerCase().endsWith(`.${path}`);
  const found = path ? Object.entries(trial.values).filter(named) : [];
  if (!found.length) return textOf(trial).includes(word);
  return found.some(([, value]) => isValue(value, wanted));
}

/** Whether what was typed is a value: by size, as it is shown, or as JSON. */
function isValue(value, wanted) {
  if (typeof value === "number" && value === Number(wanted)) return true;
  const texts = [settingText(value).replaceAll("−", "-"), JSON.stringify(value ?? null)];
  return texts.some((text) => text.toLowerCase().replaceAll(" ", "") === wanted);
}

/** What a search by text looks at: name, settings, reason and error. */
function textOf(trial) {
  trial.searchable ??= folded(
    [
      trial.name,
      trial.state,
      trial.kind,
      trial.error ?? "",
      ...noteOf(trial).tags.map((tag) => `#${tag}`),
      noteOf(trial).text,
      ...Object.entries(trial.params).map(([path, value]) => `${path}=${JSON.stringify(value)}`),
    ].join(" "),
  );
  return trial.searchable;
}

/** A text without the difference of capitals, and of an é of one sign and one of two. */
function folded(text) {
  return text.normalize("NFC").toLowerCase();
}

export const OPERATORS = ["≥", "≤", "=", "≠"];

/** `best:validation/psnr ≥ 26` -> its parts; null where it is none. */
export function parseCondition(written) {
  const found = /^(.+?) ([≥≤=≠]) (.*)$/su.exec(written); // names may hold spaces
  return found && { id: found[1], operator: found[2], wanted: found[3] };
}

function holds({ of, operator, wanted }, trial) {
  const value = of.value(trial);
  if (value === null || value === undefined) {
    const same = of.path && of.text(value, trial) === wanted.trim();
    return operator === "≠" ? !same : operator === "=" && Boolean(same);
  }
  const number = Number(wanted.replace("−", "-"));
  if (typeof value === "number" && wanted.trim() !== "" && Number.isFinite(number)) {
    const close = Math.abs(value - number) <= 1e-9 * Math.max(Math.abs(value), Math.abs(number));
    if (operator === "≥") return value >= number || close;
    if (operator === "≤") return value <= number || close;
    return close === (operator === "=");
  }
  const same = of.text(value, trial).toLowerCase() === wanted.trim().toLowerCase();
  return operator === "=" ? same : operator === "≠" ? !same : false;
}
