// The cells of the comparison: the head of a trial or a baseline, the name of a row, a value.
import { h } from "./dom.js";
import { visible } from "./format.js";
import { nameText } from "./names.js";
import { sortTitle } from "./quantities.js";
import { baselineCell, cell } from "./rows.js";
import { stateSign, swatch, unbeatenSign } from "./signs.js";
import { choose, view } from "./state.js";
import { eyeButton, pinButton, referenceButton } from "./trial_buttons.js";

export function header(column, selection) {
  if (column.space) return h("td", { class: "space", "aria-hidden": "true" });
  if (column.baseline) {
    const { study, label } = column.baseline;
    return h(
      "th",
      { scope: "col", class: "baseline", key: `${label} ${study.key}` },
      selection.studies.length > 1 &&
        h("span", { class: "column-study" }, nameText(visible(study.key))),
      h("span", { class: "column-name" }, visible(label)),
      h("span", { class: "note" }, "no training"),
    );
  }
  const { trial, left } = column;
  const name = visible(trial.name);
  const isReference = selection.reference === trial;
  return h(
    "th",
    {
      scope: "col",
      key: trial.id,
      class: `${left === undefined ? "" : "sticky"}${isReference ? " reference" : ""}`,
      style: left === undefined ? {} : { left: `${left}px` },
      "aria-colindex": column.index === undefined ? null : column.index + 2,
      "data-trial": trial.id,
    },
    selection.studies.length > 1 &&
      h("span", { class: "column-study" }, nameText(visible(trial.study.key))),
    isReference && h("span", { class: "badge" }, "reference"),
    h(
      "span",
      { class: "column-name", title: `${name}: ${trial.state}` },
      swatch(selection.slot(trial)),
      stateSign(trial),
      nameText(name),
      unbeatenSign(trial, selection),
    ),
    h(
      "span",
      { class: "column-buttons" },
      eyeButton(trial, name),
      pinButton(trial, name),
      referenceButton(trial, name, selection),
    ),
  );
}

export function body(group, columns, selection) {
  return h(
    "tbody",
    { key: group.title },
    h(
      "tr",
      { class: "group" },
      h("th", { scope: "rowgroup" }, group.title),
      h("td", { colspan: columns.length, "aria-hidden": "true" }),
    ),
    group.rows.map((row) =>
      h(
        "tr",
        { key: row.id, "data-row": row.id },
        h("th", { scope: "row" }, rowLabel(row)),
        columns.map((column) => dataCell(row, column, selection)),
      ),
    ),
  );
}

/** Clicking on a row's name sorts the trials by it, again the other way round. */
function rowLabel(row) {
  const sorted = view.sort === row.id;
  const best = row.less === false;
  const sort = () => choose({ sort: row.id, down: sorted ? !view.down : best });
  const cut = row.label.lastIndexOf(".") + 1;
  return h(
    "button",
    {
      type: "button",
      class: "row-label",
      onclick: sort,
      title: sortTitle(row),
      "aria-pressed": String(sorted),
    },
    row.path && cut > 0 && h("span", { class: "path" }, visible(row.label.slice(0, cut))),
    h("span", {}, visible(row.path ? row.label.slice(cut) : row.label)),
    row.unit && h("span", { class: "unit" }, ` ${row.unit}`),
    sorted && h("span", { class: "sorted", "aria-label": "sorted" }, view.down ? " ▼" : " ▲"),
  );
}

function dataCell(row, column, selection) {
  if (column.space) return h("td", { class: "space", "aria-hidden": "true" });
  const { trial, baseline, left } = column;
  const shown = trial ? cell(row, trial, selection) : baselineCell(row, baseline, selection);
  const classes = [
    trial ? "" : "baseline",
    shown.best ? "best" : "",
    shown.change ? `changed ${shown.change}` : "",
    left === undefined ? "" : "sticky",
    trial && selection.reference === trial ? "reference" : "",
    row.numeric ? "number" : "",
  ];
  return h(
    "td",
    {
      key: trial ? trial.id : `${baseline.label} ${baseline.study.key}`,
      class: classes.filter(Boolean).join(" "),
      style: left === undefined ? {} : { left: `${left}px` },
      title: shown.change
        ? `${shown.text}; reference: ${referenceText(row, selection)}`
        : shown.text,
      "data-trial": trial?.id,
    },
    h(
      "span",
      { class: "cell-text" },
      shown.best && h("span", { class: "star", role: "img", "aria-label": "best" }, "★ "),
      shown.change === "other" &&
        h("span", { class: "differs", role: "img", "aria-label": "differs" }, "≠ "),
      h("bdi", {}, shown.text),
    ),
    shown.difference && h("span", { class: "difference" }, shown.difference),
    shown.reported &&
      h(
        "span",
        { class: "reported", title: "the figure that was published" },
        `report ${shown.reported}`,
      ),
  );
}

function referenceText(row, selection) {
  return row.text(row.value(selection.reference), selection.reference);
}
