// A trial against the reference, in the drawer: results and settings side by side.
import { h } from "./dom.js";
import { counted, visible } from "./format.js";
import { nameText } from "./names.js";
import { canonical, valueText } from "./quantities.js";
import { cell, tableRows } from "./rows.js";

export function results(trial, other, selection, known) {
  const groups = tableRows(selection, known).filter(({ title }) => title !== "Searched settings");
  const rows = groups
    .flatMap((group) => group.rows)
    .filter(
      (row) =>
        !row.path &&
        !["run:state", "run:epochs", "run:seconds", "run:retries", "run:tags", "run:note"].includes(
          row.id,
        ),
    );
  return versus(
    rows.map((row) => {
      const shown = cell(row, trial, selection);
      return {
        key: row.id,
        name: [visible(row.label), row.unit && h("span", { class: "unit" }, ` ${row.unit}`)],
        own: [
          shown.best && h("span", { class: "star", role: "img", "aria-label": "best" }, "★ "),
          shown.text,
        ],
        other: other && row.text(row.value(other), other),
      };
    }),
    other,
    selection,
  );
}

/** What differs from the reference first; the rest on request. */
export function settings(trial, other, selection) {
  const paths = Object.keys(trial.values).sort();
  const all = other ? [...new Set([...paths, ...Object.keys(other.values)])].sort() : paths;
  const row = (path) => ({
    key: path,
    name: visible(path),
    own: valueText(trial.values[path], path in trial.values),
    other: other && valueText(other.values[path], path in other.values),
  });
  const differs = (path) =>
    other ? canonical(trial.values[path]) !== canonical(other.values[path]) : path in trial.params;
  const [first, rest] = [all.filter(differs), all.filter((path) => !differs(path))];
  return [
    first.length
      ? versus(first.map(row), other, selection)
      : h(
          "p",
          { class: "empty" },
          other ? `The same as ${selection.label(other)}.` : "As in the study file.",
        ),
    rest.length > 0 &&
      h(
        "details",
        { key: "rest" },
        h("summary", {}, `${counted(rest.length, other ? "equal setting" : "other setting")}`),
        versus(rest.map(row), null, selection),
      ),
  ];
}

function versus(rows, other, selection) {
  return h(
    "table",
    { class: "versus" },
    other &&
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, h("span", { class: "unseen" }, "what")),
          h("th", { scope: "col" }, "this"),
          h("th", { scope: "col" }, nameText(selection.label(other))),
        ),
      ),
    h(
      "tbody",
      {},
      rows.map(({ key, name, own, other: theirs }) =>
        h(
          "tr",
          { key },
          h("th", { scope: "row" }, name),
          h("td", {}, own),
          other && h("td", { class: "theirs" }, theirs),
        ),
      ),
    ),
  );
}
