// The rows of the table of trials: its head, a trial, a group with its means.
import { openTrial } from "./acts.js";
import { h } from "./dom.js";
import { visible } from "./format.js";
import { nameText, shortName } from "./names.js";
import { sortTitle } from "./quantities.js";
import { cell } from "./rows.js";
import { starSign, stateSign, swatch, unbeatenSign } from "./signs.js";
import { choose, view } from "./state.js";

export const open = new Set(); // names of the groups whose trials are shown

export function head(selection, columns) {
  return h(
    "tr",
    {},
    h("th", { scope: "col", class: "corner" }, view.group ? "group" : "trial"),
    columns.map((of) => {
      const sorted = view.sort === of.id;
      const sort = () => choose({ sort: of.id, down: sorted ? !view.down : of.less === false });
      return h(
        "th",
        {
          scope: "col",
          key: of.id,
          class: of.numeric ? "number" : "",
          "data-column": of.id,
          "aria-sort": sorted ? (view.down ? "descending" : "ascending") : null,
        },
        h(
          "button",
          { type: "button", class: "row-label", title: sortTitle(of), onclick: sort },
          visible(of.path ? shortName(of.path) : of.label),
          of.unit && h("span", { class: "unit" }, ` ${of.unit}`),
          sorted && h("span", { "aria-hidden": "true" }, view.down ? " ▼" : " ▲"),
        ),
      );
    }),
  );
}

export function trialRow(trial, columns, selection, kind, index = null) {
  const name = selection.label(trial);
  const classes = [
    kind,
    trial === selection.reference ? "reference" : "",
    view.trial === trial.id ? "opened" : "",
  ];
  return h(
    "tr",
    {
      key: `${kind}${trial.id}`,
      class: classes.filter(Boolean).join(" "),
      "data-trial": trial.id,
      "aria-rowindex": index,
    },
    h(
      "th",
      { scope: "row" },
      h(
        "span",
        { class: "column-name" },
        swatch(selection.slot(trial)),
        stateSign(trial),
        h(
          "button",
          {
            type: "button",
            class: "plain trial-link",
            title: `Open ${name}`,
            onclick: () => openTrial(trial),
          },
          nameText(name),
        ),
        unbeatenSign(trial, selection),
        starSign(trial),
        kind === "pinned" && h("span", { class: "note", title: "reference" }, "reference"),
      ),
    ),
    columns.map((of) => dataCell(cell(of, trial, selection), of)),
  );
}

function dataCell(shown, of) {
  const classes = [
    of.numeric ? "number" : "",
    shown.best ? "best" : "",
    shown.change ? `changed ${shown.change}` : "",
  ];
  return h(
    "td",
    { key: of.id, class: classes.filter(Boolean).join(" "), title: shown.text },
    shown.best && h("span", { class: "star", role: "img", "aria-label": "best" }, "★ "),
    shown.change === "other" &&
      h("span", { class: "differs", role: "img", "aria-label": "differs" }, "≠ "),
    h("bdi", {}, shown.text),
    shown.difference && h("span", { class: "difference" }, ` ${shown.difference}`),
  );
}

/** The means of a group, with their deviation; what all of its trials have alike as it is. */
export function groupRow(group, columns) {
  const isOpen = open.has(group.name);
  const change = () => {
    if (!open.delete(group.name)) open.add(group.name);
    choose({});
  };
  return h(
    "tr",
    { key: `group ${group.name}`, class: "group-row" },
    h(
      "th",
      { scope: "row" },
      h(
        "button",
        { type: "button", class: "plain", "aria-expanded": String(isOpen), onclick: change },
        `${isOpen ? "▾" : "▸"} ${visible(group.name)}`,
      ),
      h("span", { class: "note" }, ` ${group.trials.length}`),
    ),
    columns.map((of) =>
      h("td", { key: of.id, class: of.numeric ? "number" : "" }, ...groupCell(of, group)),
    ),
  );
}

function groupCell(of, group) {
  const sum = group.sums.get(of.id);
  if (!of.numeric) {
    const found = [...new Set(group.trials.map((trial) => of.text(of.value(trial), trial)))];
    return [found.length === 1 ? found[0] : h("span", { class: "note" }, `${found.length} values`)];
  }
  if (!sum) return ["–"];
  const text = (value) => of.text(value, group.trials[0]);
  const spread =
    of.difference &&
    sum.deviation !== null &&
    of.difference(sum.deviation).replace("+", "± ").replace("=", "± 0");
  return [
    h(
      "span",
      { title: `${text(sum.low)} to ${text(sum.high)}` },
      of.id === "run:mean" ? "" : text(sum.mean),
      spread && h("span", { class: "difference" }, ` ${spread}`),
    ),
  ];
}
