// Trials as rows: a column for every setting, metric and fact that is chosen, in the order that is
// chosen; sorted, grouped by anything, with the means of the groups. Only rows in sight are in the
// document; the reference stays below the head.
import { anchored } from "./anchor.js";
import { copyText, toggle } from "./controls.js";
import { csv, markdown } from "./copy.js";
import { groupBy } from "./curves.js";
import { afterwards, h } from "./dom.js";
import { groupsOf, summed } from "./grouping.js";
import { nothingShown } from "./nothing.js";
import { comparable, compareValues } from "./quantities.js";
import { cell } from "./rows.js";
import { choose, view } from "./state.js";
import { columnMenu, columnsOf } from "./table_columns.js";
import { groupRow, head, open, trialRow } from "./table_rows.js";

const ROW = 32;
const NAME = 210;
const NARROW_NAME = 120;
const NARROW = 600; // pixels: a phone
const COLUMN = 128;
const GROUP_COLUMN = 168; // a mean and its deviation
const place = { top: 0, height: 600, width: 1200, kept: {} };

/** The view. `redraw` draws the page again after scrolling. */
export function tableView(selection, known, redraw) {
  const columns = columnsOf(selection, known);
  const rows = rowsOf(selection, columns);
  const onPaper = [...pinnedOf(selection).map((trial) => ({ trial })), ...rows];
  return [
    toolbar(selection, known, columns),
    !selection.shown.length
      ? nothingShown(selection)
      : scrolled(selection, columns, rows, redraw),
    h("div", { class: "only-print", key: "print" }, printed(selection, columns, onPaper)),
  ];
}

/** What stays below the head, and is not among the rows again: the reference. */
function pinnedOf({ reference, shown }) {
  return shown.includes(reference) && !view.group ? [reference] : [];
}

/** [{trial} or {group}], those of open groups below them. */
function rowsOf(selection, columns) {
  if (!view.group) {
    const stuck = pinnedOf(selection);
    return selection.shown.filter((trial) => !stuck.includes(trial)).map((trial) => ({ trial }));
  }
  const groups = groupsOf(view.group, selection.shown, selection.studies[0]).map((group) => ({
    ...group,
    sums: new Map(columns.map((of) => [of.id, sumOf(of, group.trials)])),
  }));
  const sorted = columns.find(({ id }) => id === view.sort) ?? goalColumn(selection, columns);
  const mean = (group) => group.sums.get(sorted?.id)?.mean ?? null;
  if (sorted?.numeric) {
    const way = view.sort === sorted.id ? view.down : sorted.less === false;
    groups.sort((a, b) => (way ? -1 : 1) * compareValues(mean(a), mean(b)));
  }
  return groups.flatMap((group) => [
    { group },
    ...(open.has(group.name) ? group.trials.map((trial) => ({ trial })) : []),
  ]);
}

function goalColumn(selection, columns) {
  const goal = selection.studies[0]?.goal;
  return columns.find(({ metric }) => metric === goal);
}

/** Of values of one kind only: a mean of different losses would say nothing. */
function sumOf(of, trials) {
  const counted = trials.filter((trial) => trial.state !== "failed" || !of.metric);
  if (!of.numeric || !counted.every((trial) => comparable(of, trial, counted[0]))) return null;
  return summed(counted.map((trial) => of.value(trial)));
}

function toolbar(selection, known, columns) {
  const copy = (name, write) =>
    h(
      "button",
      {
        type: "button",
        onclick: () => copyText(write(texts(selection, columns)), `Trials as ${name}`),
      },
      name,
    );
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    toggle("Columns with diff only", view.diff, (diff) => choose({ diff })),
    toggle("Show cell changes", view.changes, (changes) => choose({ changes })),
    groupBy(known),
    columnMenu(known, columns),
    h("span", { class: "gap" }),
    h(
      "div",
      { class: "one-of", role: "group", "aria-label": "Copy the trials as" },
      h("span", { class: "one-of-label" }, "Copy as"),
      copy("CSV", csv),
      copy("Markdown", markdown),
    ),
  );
}

function texts(selection, columns) {
  const head = ["trial", ...columns.map(titleOf)];
  const line = (trial) => columns.map((of) => cell(of, trial, selection).plain);
  return [head, ...selection.shown.map((trial) => [selection.label(trial), ...line(trial)])];
}

const titleOf = (of) => (of.unit ? `${of.label} (${of.unit})` : of.label);

function scrolled(selection, columns, rows, redraw) {
  const { version, choices } = selection;
  const ids = rows.map(({ trial, group }) => trial?.id ?? group.name);
  place.top = anchored(place.kept, { ids, size: ROW, at: place.top, version, choices });
  const pinned = pinnedOf(selection);
  const name = place.width < NARROW ? NARROW_NAME : NAME;
  const wide = view.group ? GROUP_COLUMN : COLUMN;
  const first = Math.max(0, Math.floor(place.top / ROW) - 8);
  const inSight = rows.slice(first, first + Math.ceil(place.height / ROW) + 16);
  const before = first * ROW;
  const after = Math.max(0, (rows.length - first - inSight.length) * ROW);
  const space = (height, key) =>
    height > 0 &&
    h(
      "tr",
      { key, class: "space", "aria-hidden": "true" },
      h("td", { colspan: columns.length + 1, style: { height: `${height}px` } }),
    );
  return h(
    "div",
    {
      class: "table-scroll rows",
      key: "rows",
      tabindex: "0",
      role: "region",
      "aria-label": "The shown trials, one a row; scrolls both ways",
      onscroll: (event) => {
        place.top = event.target.scrollTop;
        redraw();
      },
      hook: (element) => afterwards(() => settle(element, redraw)),
    },
    h(
      "table",
      {
        class: "trial-table",
        style: { width: `${name + columns.length * wide}px` },
        "aria-rowcount": rows.length + pinned.length + 1,
      },
      h(
        "colgroup",
        {},
        h("col", { style: { width: `${name}px` } }),
        columns.map(() => h("col", { style: { width: `${wide}px` } })),
      ),
      h(
        "thead",
        {},
        head(selection, columns),
        pinned.map((trial) => trialRow(trial, columns, selection, "pinned", 2)),
      ),
      h(
        "tbody",
        {},
        space(before, "before"),
        inSight.map(({ trial, group }, index) =>
          group
            ? groupRow(group, columns)
            : trialRow(trial, columns, selection, "", first + index + pinned.length + 2),
        ),
        space(after, "after"),
      ),
    ),
  );
}

function settle(element, redraw) {
  if (element.scrollTop !== place.top) element.scrollTop = place.top;
  const { clientHeight: height, clientWidth: width, scrollTop: top } = element;
  const other = Math.abs(height - place.height) > ROW || Math.abs(width - place.width) > ROW;
  if (Math.abs(top - place.top) > 1 || (height && other)) {
    Object.assign(place, { height, width, top });
    requestAnimationFrame(redraw);
  }
}

/** On paper as many columns as fit, then the next ones. */
function printed(selection, columns, rows) {
  if (!document.documentElement.dataset.printing) return [];
  const [across, most] = [7, 200];
  const parts = [];
  for (let at = 0; at < columns.length; at += across) parts.push(columns.slice(at, at + across));
  const left = rows.length - most;
  return [
    parts.map((part, index) =>
      h(
        "table",
        { class: "trial-table", key: index },
        h("thead", {}, head(selection, part)),
        h(
          "tbody",
          {},
          rows
            .slice(0, most)
            .map(({ trial, group }) =>
              group ? groupRow(group, part) : trialRow(trial, part, selection, ""),
            ),
        ),
      ),
    ),
    left > 0 && h("p", {}, `${left} more rows are not printed; copy them as CSV.`),
  ];
}
