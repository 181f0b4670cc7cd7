// The columns of the trials as rows: which there are, in which order, and the menu for both.
import { iconButton, menu } from "./controls.js";
import { h } from "./dom.js";
import { visible } from "./format.js";
import { rowTicks } from "./row_ticks.js";
import { tableRows } from "./rows.js";
import { choose, view } from "./state.js";

/** What is chosen as rows of the comparison: here the columns, results first. */
export function columnsOf(selection, known) {
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
