// The list of trials beside every view: find, filter, sort, show and hide, pin, choose the
// reference. Only the rows in sight are in the document, so that thousands scroll smoothly.
import { announce, anyOf, iconButton, menu, pickFrom, toggle } from "./controls.js";
import { afterwards, h } from "./dom.js";
import { metricText, visible } from "./format.js";
import { STATES } from "./marks.js";
import { noteOf, score } from "./model.js";
import { anchored } from "./anchor.js";
import { SLOTS } from "./colours.js";
import { OPERATORS, parseCondition } from "./selection.js";
import { sortable } from "./catalogue.js";
import { choose, view } from "./state.js";

const ROW = 32;
const place = { top: 0, height: 600, row: 0, column: 0, focus: false, kept: {} };
const draft = { id: null, operator: "≥", first: "8" };

/** The list with its filters. `redraw` draws the page again after scrolling. */
export function trialList(selection, known, redraw) {
  return h(
    "aside",
    { class: "trials", id: "trials", "aria-label": "Trials" },
    filters(selection, known),
    summary(selection),
    grid(selection, redraw),
  );
}

function filters(selection, known) {
  return h(
    "div",
    { class: "filters" },
    h("input", {
      type: "search",
      class: "search",
      placeholder: "Find by name, setting, error",
      "aria-label": "Find trials by name, setting or error",
      value: view.q,
      oninput: (event) => choose({ q: event.target.value }),
    }),
    stateFilter(selection),
    h(
      "div",
      { class: "filter-row" },
      pickFrom("Sort trials by", [...SORTS, ...sortable(known)], view.sort, (sort) =>
        choose({ sort, down: false }),
      ),
      iconButton("sort", "Reverse the order", () => choose({ down: !view.down }), {
        "aria-pressed": String(view.down),
      }),
      menu("Filter", { "data-menu": "filter" }, valueFilter(known), firstTrials(selection)),
    ),
    conditions(),
  );
}

const SORTS = [
  ["rank", "Best first"],
  ["number", "In order of number"],
  ["name", "By name"],
];

function starFilter(selection) {
  const count = selection.all.filter((trial) => noteOf(trial).star).length;
  if (!count && !view.starred) return null;
  return toggle(["★ starred ", h("b", {}, count)], view.starred, (starred) => choose({ starred }));
}

/** Marks a trial that somebody has given a star. */
export function starSign(trial) {
  return (
    noteOf(trial).star && h("span", { class: "star", role: "img", "aria-label": "starred" }, "★")
  );
}

/** Open the drawer of a trial, or close it. */
export function openTrial(trial) {
  const opening = view.trial !== trial.id;
  choose({ trial: opening ? trial.id : "" });
  if (opening) requestAnimationFrame(() => document.getElementById("drawer")?.focus());
}

const KINDS = { baseline: "baselines", confirm: "repeats" };

function stateFilter(selection) {
  const counts = new Map();
  for (const { state, kind } of selection.all) {
    for (const one of [state, kind]) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  const count = (one) => h("b", {}, counts.get(one) ?? 0);
  const here = (one) => counts.has(one) || view.state.includes(one) || view.kind.includes(one);
  const sign = (state) =>
    h("span", { class: `sign ${state}`, "aria-hidden": "true" }, STATES[state].sign);
  const states = Object.keys(STATES).filter(here);
  const kinds = Object.keys(KINDS).filter(here);
  return h(
    "div",
    { class: "chips" },
    anyOf(
      "Only these states",
      states.map((one) => [one, [sign(one), ` ${STATES[one].word} `, count(one)]]),
      view.state,
      (state) => choose({ state }),
    ),
    kinds.length > 0 &&
      anyOf(
        "Only these kinds",
        kinds.map((one) => [one, [KINDS[one], " ", count(one)]]),
        view.kind,
        (kind) => choose({ kind }),
      ),
    starFilter(selection),
  );
}

function valueFilter(known) {
  const groups = sortable(known);
  const id = draft.id ?? `best:${known.metrics[0] ?? ""}`;
  const add = (event) => {
    event.preventDefault();
    const [what, operator, wanted] = [...event.target.elements].map((one) => one.value);
    if (wanted.trim()) choose({ where: [...view.where, `${what} ${operator} ${wanted.trim()}`] });
    event.target.elements[2].value = "";
  };
  return h(
    "form",
    { class: "value-filter", onsubmit: add },
    h("strong", {}, "Only trials where"),
    pickFrom("Value to filter by", groups, id, (picked) => (draft.id = picked)),
    pickFrom(
      "Comparison",
      OPERATORS.map((one) => [one, one]),
      draft.operator,
      (picked) => {
        draft.operator = picked;
      },
    ),
    h("input", { type: "text", "aria-label": "Value", placeholder: "value", size: 8 }),
    h("button", { type: "submit" }, "Add"),
  );
}

function firstTrials(selection) {
  const show = (event) => {
    event.preventDefault();
    showFirst(selection, Math.max(1, Number(draft.first) || 1));
  };
  return h(
    "form",
    { class: "value-filter", onsubmit: show },
    h("strong", {}, "Show only the first"),
    h("input", {
      type: "number",
      min: 1,
      value: draft.first,
      "aria-label": "How many trials",
      oninput: (event) => (draft.first = event.target.value),
    }),
    h("span", {}, "of the list"),
    h("button", { type: "submit" }, "Show"),
  );
}

/** Open the eyes of the first trials of the list, close all others. */
export function showFirst(selection, count) {
  const kept = new Set(selection.listed.slice(0, count).map((trial) => trial.id));
  choose({ hide: new Set(selection.all.map((trial) => trial.id).filter((id) => !kept.has(id))) });
}

function conditions() {
  const without = (index) => view.where.filter((_, i) => i !== index);
  return (
    view.where.length > 0 &&
    h(
      "div",
      { class: "chips" },
      view.where.map((written, index) => {
        const found = parseCondition(written);
        const label = found
          ? `${found.id.replace(/^\w+:/, "")} ${found.operator} ${found.wanted}`
          : written;
        return h(
          "button",
          {
            type: "button",
            class: "chip",
            title: "Remove this filter",
            onclick: () => choose({ where: without(index) }),
          },
          visible(label),
          h("span", { "aria-label": "remove" }, " ×"),
        );
      }),
    )
  );
}

function summary(selection) {
  const shown = selection.shown.length;
  const ids = selection.listed.map((trial) => trial.id);
  return h(
    "div",
    { class: "shown" },
    h(
      "span",
      { role: "status" },
      `${shown.toLocaleString("en")} of ${selection.all.length.toLocaleString("en")} shown`,
    ),
    h("button", { type: "button", class: "plain", onclick: () => showAll(ids) }, "Show all"),
    h("button", { type: "button", class: "plain", onclick: () => hideAll(ids) }, "Hide all"),
  );
}

function showAll(ids) {
  const hide = new Set(view.hide);
  for (const id of ids) hide.delete(id);
  choose({ hide });
}

function hideAll(ids) {
  choose({ hide: new Set([...view.hide, ...ids]) });
}

function grid(selection, redraw) {
  const trials = selection.listed;
  const { version, choices } = selection;
  const ids = trials.map((trial) => trial.id);
  place.top = anchored(place.kept, { ids, size: ROW, at: place.top, version, choices });
  const first = Math.max(0, Math.floor(place.top / ROW) - 6);
  const rows = new Set(trials.slice(first, first + Math.ceil(place.height / ROW) + 12).keys());
  place.row = Math.min(place.row, Math.max(0, trials.length - 1));
  const inSight = [...rows].map((index) => index + first);
  if (trials.length && !inSight.includes(place.row)) inSight.push(place.row); // it holds the focus
  return h(
    "div",
    {
      class: "trial-grid",
      role: "grid",
      "aria-label": "Trials, best first unless sorted otherwise",
      "aria-rowcount": trials.length,
      onscroll: (event) => {
        place.top = event.target.scrollTop;
        redraw();
      },
      onkeydown: (event) => move(event, trials, redraw),
      hook: (element) => afterwards(() => settleGrid(element, redraw)),
    },
    h(
      "div",
      { class: "trial-rows", role: "rowgroup", style: { height: `${trials.length * ROW}px` } },
      inSight.map((index) => trialRow(trials[index], index, selection)),
    ),
    !trials.length &&
      h(
        "p",
        { class: "empty" },
        selection.all.length ? "No trial passes the filters." : "No trials yet.",
      ),
  );
}

function settleGrid(element, redraw) {
  if (element.clientHeight && Math.abs(element.clientHeight - place.height) > ROW) {
    place.height = element.clientHeight;
    requestAnimationFrame(redraw);
  }
  if (element.scrollTop !== place.top) element.scrollTop = place.top;
  if (Math.abs(element.scrollTop - place.top) > 1) {
    place.top = element.scrollTop; // the list has become shorter
    requestAnimationFrame(redraw);
  }
  if (!place.focus) return;
  place.focus = false;
  const row = element.querySelector(`[aria-rowindex="${place.row + 1}"]`);
  row?.querySelector(`[data-stop="${place.column}"]`)?.focus({ preventScroll: true });
}

function trialRow(trial, index, selection) {
  const hidden = view.hide.has(trial.id);
  const pinned = view.pin.includes(trial.id);
  const isReference = selection.reference === trial;
  const slot = selection.slot(trial);
  const name = selection.label(trial);
  const stop = (column) => ({
    tabindex: index === place.row && column === place.column ? "0" : "-1",
    "data-stop": column,
    onfocus: () => Object.assign(place, { row: index, column }),
  });
  return h(
    "div",
    {
      class: `trial${view.trial === trial.id ? " opened" : ""}${hidden ? " hidden-trial" : ""}${isReference ? " is-reference" : ""}`,
      role: "row",
      key: trial.id,
      "aria-rowindex": index + 1,
      style: { top: `${index * ROW}px` },
      "data-trial": trial.id,
    },
    h(
      "span",
      { role: "gridcell" },
      iconButton(
        hidden ? "closed" : "eye",
        `${hidden ? "Show" : "Hide"} ${name}`,
        () => toggleEye(trial),
        {
          ...stop(0),
          "data-do": "eye",
          "aria-pressed": String(!hidden),
        },
      ),
    ),
    h(
      "span",
      { role: "gridcell", class: "trial-name", title: `${name}: ${trial.state}` },
      swatch(slot, hidden),
      stateSign(trial),
      h(
        "button",
        {
          type: "button",
          class: "plain trial-link",
          "aria-expanded": String(view.trial === trial.id),
          onclick: () => openTrial(trial),
          ...stop(3),
        },
        h("bdi", {}, visible(trial.name)),
      ),
      starSign(trial),
      selection.studies.length > 1 &&
        h("span", { class: "of-study" }, h("bdi", {}, visible(trial.study.key))),
      unbeatenSign(trial, selection),
    ),
    h("span", { role: "gridcell", class: "trial-value" }, valueText(trial)),
    h(
      "span",
      { role: "gridcell" },
      iconButton("pin", `${pinned ? "Unpin" : "Pin"} ${name}`, () => togglePin(trial), {
        ...stop(1),
        "data-do": "pin",
        "aria-pressed": String(pinned),
      }),
    ),
    h(
      "span",
      { role: "gridcell" },
      iconButton("target", `Compare the others with ${name}`, () => choose({ ref: trial.id }), {
        ...stop(2),
        "data-do": "reference",
        "aria-pressed": String(isReference),
      }),
    ),
  );
}

/** By what a trial is ranked: its best value, or the mean over other seeds. */
function valueText(trial) {
  const value = trial.repeats?.mean ?? score(trial);
  const text = metricText(trial.study.columns[trial.study.goal], value);
  return trial.repeats ? [h("span", { class: "note" }, "mean "), text] : text;
}

/** Marks a trial on the Pareto front of its study's two goals. */
export function unbeatenSign(trial, selection) {
  const label = "on the Pareto front: no other trial is better in both goals";
  return (
    selection.unbeaten(trial) &&
    h("span", { class: "unbeaten", role: "img", title: label, "aria-label": label }, "◆")
  );
}

/** The colour of a trial, as in the charts. */
export function swatch(slot, hidden = false) {
  const kind = slot === null || hidden ? "other" : `slot-${slot}`;
  return h("span", { class: `swatch ${kind}`, "aria-hidden": "true" });
}

/** The mark of a trial's state, with its name for those who cannot see it. */
export function stateSign({ state }) {
  return h("span", { class: `sign ${state}`, role: "img", "aria-label": state }, STATES[state].sign);
}

export function toggleEye(trial) {
  const hide = new Set(view.hide);
  if (!hide.delete(trial.id)) hide.add(trial.id);
  choose({ hide });
}

/** Pinning opens a closed eye: a pinned trial is meant to be seen. */
export function togglePin(trial) {
  const pinned = view.pin.includes(trial.id);
  const hide = new Set(view.hide);
  hide.delete(trial.id);
  const pin = pinned ? view.pin.filter((id) => id !== trial.id) : [...view.pin, trial.id];
  choose({ pin, hide });
  if (!pinned && pin.length > SLOTS) {
    announce(`${visible(trial.name)} is pinned without a colour: all ${SLOTS} are taken`);
  }
}

/** Arrow keys walk over the list; the page keeps one tab stop for all of it. */
function move(event, trials, redraw) {
  const page = Math.max(1, Math.floor(place.height / ROW) - 1);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
  const across = { ArrowLeft: -1, ArrowRight: 1 };
  if (event.key in across) {
    place.column = Math.min(3, Math.max(0, place.column + across[event.key]));
  } else if (event.key in steps || event.key === "Home" || event.key === "End") {
    const target = { Home: 0, End: trials.length - 1 }[event.key] ?? place.row + steps[event.key];
    place.row = Math.min(trials.length - 1, Math.max(0, target));
  } else {
    return;
  }
  event.preventDefault();
  place.focus = true;
  scrollToRow(event.currentTarget);
  redraw();
}

function scrollToRow(element) {
  const top = place.row * ROW;
  if (top < element.scrollTop) element.scrollTop = top;
  const below = top + ROW - element.clientHeight;
  if (below > element.scrollTop) element.scrollTop = below;
  place.top = element.scrollTop;
}
