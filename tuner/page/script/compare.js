// Compare: settings and metrics as rows, trials as columns. Only the columns in sight are in the
// document; pinned ones stay at the left.
import { anyOf, copyText, iconButton, menu, oneOf, toggle } from "./controls.js";
import { anchored } from "./anchor.js";
import { csv, latex, markdown, matrix, plainMatrix } from "./copy.js";
import { afterwards, h } from "./dom.js";
import { sortTitle, STATISTICS } from "./quantities.js";
import { baselineCell, baselinesOf, cell, columnsOf, tableRows } from "./rows.js";
import { rowTicks } from "./row_ticks.js";
import { choose, view } from "./state.js";
import { stateSign, swatch, toggleEye, togglePin, unbeatenSign } from "./trials.js";
import { visible } from "./format.js";

const LABEL = 250;
const NARROW_LABEL = 140;
const COLUMN = 132;
const STICKY = 3; // columns that stay in sight; more would leave no room to scroll
const NARROW = 600; // pixels: a phone
const PRINTED = 6; // trials side by side on paper
const place = { left: 0, width: 1200, kept: {} };

/** The view. `redraw` draws the page again after scrolling. */
export function compareView(selection, known, redraw) {
  const groups = tableRows(selection, known);
  return [
    toolbar(selection, known, groups),
    !selection.shown.length
      ? h("p", { class: "empty" }, "No trial is shown. Open an eye in the list of trials.")
      : !groups.length
        ? h("p", { class: "empty" }, "The shown trials do not differ in any chosen row.")
        : scrolled(selection, groups, redraw),
    h("div", { class: "only-print", key: "print" }, printTables(selection, groups)),
  ];
}

function toolbar(selection, known, groups) {
  const copy = (name, write, read = matrix) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => copyText(write(read(selection, groups)), `Table as ${name}`),
      },
      name,
    );
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    toggle("Rows with diff only", view.diff, (diff) => choose({ diff })),
    toggle("Show cell changes", view.changes, (changes) => choose({ changes })),
    baselineToggle(selection),
    anyOf("Values", STATISTICS, view.stat, (stat) => choose({ stat })),
    known.scaled.length > 0 && scaleChoice(known.columns[known.scaled[0]]),
    rowMenu(known),
    h("span", { class: "gap" }),
    h(
      "div",
      { class: "one-of", role: "group", "aria-label": "Copy the table as" },
      h("span", { class: "one-of-label" }, "Copy as"),
      copy("Markdown", markdown),
      copy("CSV", csv, plainMatrix),
      copy("LaTeX", latex),
    ),
  );
}

/** Shows the baselines' columns, or hides them; named after them. */
function baselineToggle(selection) {
  const labels = new Set(selection.studies.flatMap((study) => study.compared.map(labelOf)));
  if (!labels.size) return null;
  const name = [...labels].map(visible).join(", ");
  const toUpper = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  return toggle(toUpper(name), view.baselines, (baselines) => choose({ baselines }));
}

function scaleChoice(column) {
  return oneOf(
    "Scale",
    [
      ["own", column.unit ?? "own"],
      ["other", visible(column.scale.label)],
      ["both", "both"],
    ],
    view.scale,
    (scale) => choose({ scale }),
  );
}

function rowMenu(known) {
  return menu(
    "Rows",
    { "data-menu": "rows" },
    h(
      "button",
      { type: "button", class: "plain", onclick: () => choose({ row: [], norow: [] }) },
      "Reset",
    ),
    rowTicks(known),
  );
}

function scrolled(selection, groups, redraw) {
  const narrow = place.width < NARROW;
  const label = narrow ? NARROW_LABEL : LABEL;
  const all = columnsOf(selection, STICKY);
  // on a phone only the names of the rows stay: beside more no trial would have room
  const fixed = narrow ? [] : all.filter((column) => column.fixed);
  const rest = all.slice(fixed.length);
  const { version, choices } = selection;
  const ids = rest.map(({ trial, baseline }) => trial?.id ?? baseline.label);
  place.left = anchored(place.kept, { ids, size: COLUMN, at: place.left, version, choices });
  const from = Math.max(0, Math.floor((place.left - COLUMN) / COLUMN) - 1);
  const count = Math.ceil(Math.max(COLUMN, place.width - label) / COLUMN) + 4;
  const inSight = rest.slice(from, from + count);
  const before = from * COLUMN;
  const after = Math.max(0, (rest.length - from - inSight.length) * COLUMN);
  const columns = [
    ...fixed.map((column, index) => ({ ...column, index, left: label + index * COLUMN })),
    ...(before ? [{ space: before }] : []),
    ...inSight.map((column, index) => ({ ...column, index: fixed.length + from + index })),
    ...(after ? [{ space: after }] : []),
  ];
  const width = label + all.length * COLUMN;
  return h(
    "div",
    {
      class: "table-scroll",
      key: "table",
      tabindex: "0",
      role: "region",
      "aria-label": "Comparison of the shown trials; scrolls sideways",
      onscroll: (event) => {
        place.left = event.target.scrollLeft;
        redraw();
      },
      hook: (element) => afterwards(() => settle(element, redraw)),
    },
    h(
      "table",
      {
        class: "compare",
        style: { width: `${width}px` },
        "aria-colcount": all.length + 1,
        "aria-rowcount": -1,
      },
      h(
        "colgroup",
        {},
        h("col", { style: { width: `${label}px` } }),
        columns.map((column) => h("col", { style: { width: `${column.space ?? COLUMN}px` } })),
      ),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col", class: "corner" }, corner(selection)),
          columns.map((column) => header(column, selection)),
        ),
      ),
      groups.map((group) => body(group, columns, selection)),
    ),
  );
}

function settle(element, redraw) {
  if (element.scrollLeft !== place.left) element.scrollLeft = place.left;
  const moved = element.scrollLeft !== place.left;
  if (moved || (element.clientWidth && Math.abs(element.clientWidth - place.width) > 8)) {
    Object.assign(place, { width: element.clientWidth, left: element.scrollLeft });
    requestAnimationFrame(redraw);
  }
}

function labelOf({ label }) {
  return label;
}

function corner(selection) {
  if (!selection.reference || !view.changes) return "";
  return h(
    "span",
    { class: "note" },
    "changes from ",
    h("bdi", {}, selection.label(selection.reference)),
  );
}

function header(column, selection) {
  if (column.space) return h("td", { class: "space", "aria-hidden": "true" });
  if (column.baseline) {
    const { study, label } = column.baseline;
    return h(
      "th",
      { scope: "col", class: "baseline", key: `${label} ${study.key}` },
      selection.studies.length > 1 &&
        h("span", { class: "column-study" }, h("bdi", {}, visible(study.key))),
      h("span", { class: "column-name" }, visible(label)),
      h("span", { class: "note" }, "no training"),
    );
  }
  const { trial, left } = column;
  const name = visible(trial.name);
  const isReference = selection.reference === trial;
  const pinned = selection.pinned.has(trial.id);
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
      h("span", { class: "column-study" }, h("bdi", {}, visible(trial.study.key))),
    isReference && h("span", { class: "badge" }, "reference"),
    h(
      "span",
      { class: "column-name", title: `${name}: ${trial.state}` },
      swatch(selection.slot(trial)),
      stateSign(trial),
      h("bdi", {}, name),
      unbeatenSign(trial, selection),
    ),
    h(
      "span",
      { class: "column-buttons" },
      iconButton("eye", `Hide ${name}`, () => toggleEye(trial), { "data-do": "eye" }),
      iconButton("pin", `${pinned ? "Unpin" : "Pin"} ${name}`, () => togglePin(trial), {
        "data-do": "pin",
        "aria-pressed": String(pinned),
      }),
      iconButton("target", `Compare the others with ${name}`, () => choose({ ref: trial.id }), {
        "data-do": "reference",
        "aria-pressed": String(isReference),
      }),
    ),
  );
}

function body(group, columns, selection) {
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

/** On paper there is no scrolling: some trials side by side, then the next ones. */
function printTables(selection, groups) {
  if (!document.documentElement.dataset.printing) return [];
  const inOrder = columnsOf(selection).flatMap(({ trial }) => (trial ? [trial] : []));
  const trials = inOrder.slice(0, 10 * PRINTED);
  const parts = [];
  for (let at = 0; at < trials.length; at += PRINTED) parts.push(trials.slice(at, at + PRINTED));
  const left = selection.shown.length - trials.length;
  return [
    parts.map((part, index) => {
      const columns = [
        ...baselinesOf(selection).map((baseline) => ({ baseline })),
        ...part.map((trial) => ({ trial })),
      ];
      return h(
        "table",
        { class: "compare", key: index },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", {}),
            columns.map((column) => header(column, selection)),
          ),
        ),
        groups.map((group) => body(group, columns, selection)),
      );
    }),
    left > 0 &&
      h("p", {}, `${left} more trials are not printed; hide some, or copy the table as CSV.`),
  ];
}
