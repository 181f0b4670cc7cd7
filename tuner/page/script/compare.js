// Compare: settings and metrics as rows, trials as columns. Only the columns in sight are in the
// document; pinned ones stay at the left.
import { anchored } from "./anchor.js";
import { body, header } from "./compare_cells.js";
import { anyOf, copyText, menu, oneOf, toggle } from "./controls.js";
import { csv, latex, markdown, matrix, plainMatrix } from "./copy.js";
import { afterwards, h } from "./dom.js";
import { visible } from "./format.js";
import { nothingShown } from "./nothing.js";
import { STATISTICS } from "./quantities.js";
import { rowTicks } from "./row_ticks.js";
import { baselinesOf, columnsOf, tableRows } from "./rows.js";
import { choose, view } from "./state.js";

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
      ? nothingShown(selection)
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
