// Trials as rows: a column for every setting, metric and fact that is chosen, in the order that is
// chosen; sorted, grouped by anything, with the means of the groups. Only rows in sight are in the
// document; the reference stays below the head.
import { anchored } from "./anchor.js";
import { groupBy } from "./curves.js";
import { iconButton, copyText, menu, toggle } from "./controls.js";
import { csv, markdown } from "./copy.js";
import { afterwards, h } from "./dom.js";
import { visible } from "./format.js";
import { groupsOf, summed } from "./grouping.js";
import { comparable, compareValues, sortTitle } from "./quantities.js";
import { cell, tableRows } from "./rows.js";
import { rowTicks } from "./row_ticks.js";
import { choose, view } from "./state.js";
import { openTrial, starSign, stateSign, swatch, unbeatenSign } from "./trials.js";

const ROW = 32;
const NAME = 210;
const NARROW_NAME = 120;
const NARROW = 600; // pixels: a phone
const COLUMN = 128;
const place = { top: 0, height: 600, width: 1200, kept: {} };
const open = new Set(); // names of the groups whose trials are shown

/** The view. `redraw` draws the page again after scrolling. */
export function tableView(selection, known, redraw) {
  const columns = columnsOf(selection, known);
  const rows = rowsOf(selection, columns);
  return [
    toolbar(selection, known, columns),
    !selection.shown.length
      ? h("p", { class: "empty" }, "No trial is shown. Open an eye in the list of trials.")
      : scrolled(selection, columns, rows, redraw),
    h("div", { class: "only-print", key: "print" }, printed(selection, columns, rows)),
  ];
}

/** What is chosen as rows of the comparison: here the columns, results first. */
function columnsOf(selection, known) {
  const groups = tableRows(selection, known);
  const order = ["Metrics", "Other seeds", "Searched settings"];
  const placeOf = ({ title }) => (order.includes(title) ? order.indexOf(title) : order.length);
  const columns = [...groups]
    .sort((a, b) => placeOf(a) - placeOf(b))
    .flatMap((group) => group.rows);
  const wanted = ({ id }) => (view.order.includes(id) ? view.order.indexOf(id) : Infinity);
  return columns.sort((a, b) => {
    const [x, y] = [wanted(a), wanted(b)];
    return x === y ? 0 : x - y;
  });
}

/** [{trial} or {group}], those of open groups below them. */
function rowsOf(selection, columns) {
  if (!view.group) return selection.shown.map((trial) => ({ trial }));
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

/** Which columns there are, and their order: chosen ones can be moved. */
function columnMenu(known, columns) {
  return menu(
    "Columns",
    { "data-menu": "columns" },
    h(
      "button",
      { type: "button", class: "plain", onclick: () => choose({ row: [], norow: [], order: [] }) },
      "Reset",
    ),
    h(
      "fieldset",
      {},
      h("legend", {}, "Order, from the left"),
      columns.map((of, index) =>
        h(
          "span",
          { class: "ordered", key: of.id },
          h("span", { class: "name" }, visible(of.label)),
          index > 0 &&
            iconButton("up", `Move ${visible(of.label)} to the left`, () =>
              moveColumn(columns, index, -1),
            ),
          index < columns.length - 1 &&
            iconButton("down", `Move ${visible(of.label)} to the right`, () =>
              moveColumn(columns, index, 1),
            ),
        ),
      ),
    ),
    rowTicks(known),
  );
}

function moveColumn(columns, index, step) {
  const order = columns.map(({ id }) => id);
  [order[index], order[index + step]] = [order[index + step], order[index]];
  choose({ order });
}

function scrolled(selection, columns, rows, redraw) {
  const { reference, version, choices } = selection;
  const ids = rows.map(({ trial, group }) => trial?.id ?? group.name);
  place.top = anchored(place.kept, { ids, size: ROW, at: place.top, version, choices });
  const pinned = reference && !view.hide.has(reference.id) && !view.group ? [reference] : [];
  const name = place.width < NARROW ? NARROW_NAME : NAME;
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
        style: { width: `${name + columns.length * COLUMN}px` },
        "aria-rowcount": rows.length + 1,
      },
      h(
        "colgroup",
        {},
        h("col", { style: { width: `${name}px` } }),
        columns.map(() => h("col", { style: { width: `${COLUMN}px` } })),
      ),
      h(
        "thead",
        {},
        head(selection, columns),
        pinned.map((trial) => trialRow(trial, columns, selection, "pinned")),
      ),
      h(
        "tbody",
        {},
        space(before, "before"),
        inSight.map(({ trial, group }, index) =>
          group
            ? groupRow(group, columns)
            : trialRow(trial, columns, selection, "", first + index + 2),
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

function head(selection, columns) {
  return h(
    "tr",
    {},
    h("th", { scope: "col", class: "corner" }, view.group ? "group" : "trial"),
    columns.map((of) => {
      const sorted = view.sort === of.id;
      const sort = () => choose({ sort: of.id, down: sorted ? !view.down : of.less === false });
      const cut = of.label.lastIndexOf(".") + 1;
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
          visible(of.path ? of.label.slice(cut) : of.label),
          of.unit && h("span", { class: "unit" }, ` ${of.unit}`),
          sorted && h("span", { "aria-hidden": "true" }, view.down ? " ▼" : " ▲"),
        ),
      );
    }),
  );
}

function trialRow(trial, columns, selection, kind, index = null) {
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
          h("bdi", {}, name),
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
function groupRow(group, columns) {
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
