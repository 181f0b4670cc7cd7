// The columns of the trials as rows: which there are, in which order, and the menu for both.
import { iconButton, menu } from "./controls.js";
import { h } from "./dom.js";
import { visible } from "./format.js";
import { remember } from "./memory.js";
import { rowTicks } from "./row_ticks.js";
import { tableRows } from "./rows.js";
import { choose, view } from "./state.js";

const SETTINGS = 4; // settings that stand beside the goal, in sight without scrolling

/**
 * What is chosen as rows of the comparison: here the columns, the goals first, then the settings
 * that mattered most, the other results, the other settings.
 */
export function columnsOf(selection, known) {
  const groups = tableRows(selection, known);
  const order = ["Metrics", "Other seeds", "Searched settings"];
  const placeOf = ({ title }) => (order.includes(title) ? order.indexOf(title) : order.length);
  const all = [...groups].sort((a, b) => placeOf(a) - placeOf(b)).flatMap((group) => group.rows);
  const goals = known.goals
    .map((goal) => all.find(({ metric }) => metric === goal))
    .filter(Boolean);
  const settings = firstSettings(selection, known)
    .map((path) => all.find((of) => of.path === path))
    .filter(Boolean);
  const columns = [...new Set([...goals, ...settings, ...all])];
  const wanted = ({ id }) => (view.order.includes(id) ? view.order.indexOf(id) : Infinity);
  return columns.sort((a, b) => {
    const [x, y] = [wanted(a), wanted(b)];
    return x === y ? 0 : x - y;
  });
}

/**
 * The paths of the most important settings of those that differ. What is learned of a running
 * study meanwhile moves no column that is being read.
 */
function firstSettings({ studies }, known) {
  const shares = studies.map((study) => study.analysis?.importance?.shares).find(Boolean);
  const stamp = [studies.map(({ key }) => key), known.varied, Boolean(shares)].join("|");
  const share = (path) => shares?.[path] ?? 0;
  return remember("first settings", stamp, () =>
    [...known.varied].sort((a, b) => share(b) - share(a)).slice(0, SETTINGS),
  );
}

/** Which columns there are, and their order: chosen ones can be moved. */
export function columnMenu(known, columns) {
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
