// What stands over the list of trials: find, filter, sort, show only the first.
import { sortable } from "./catalogue.js";
import { anyOf, iconButton, menu, pickFrom, toggle } from "./controls.js";
import { h } from "./dom.js";
import { visible } from "./format.js";
import { STATES } from "./marks.js";
import { noteOf } from "./model.js";
import { OPERATORS, parseCondition } from "./selection.js";
import { choose, view } from "./state.js";

const draft = { id: null, operator: "≥", first: "8" };

export function filters(selection, known) {
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
      states.map((state) => [state, [sign(state), ` ${STATES[state].word} `, count(state)]]),
      view.state,
      (state) => choose({ state }),
    ),
    kinds.length > 0 &&
      anyOf(
        "Only these kinds",
        kinds.map((kind) => [kind, [KINDS[kind], " ", count(kind)]]),
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
      OPERATORS.map((operator) => [operator, operator]),
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
function showFirst(selection, count) {
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
