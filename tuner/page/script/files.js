// Files that the page gives to the reader, and tables that it shows above itself.
import { copyText } from "./controls.js";

const MOST = 2000; // rows that are shown; all are copied

/** Let the browser save a file. */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Show `rows` of texts under `head` in a window of their own. `csv` writes them for programs. */
export function showTable(title, { head, rows }, csv) {
  const dialog = element("dialog", { className: "data" });
  dialog.setAttribute("aria-label", `Data of ${title}`);
  const copy = button("Copy as CSV", () => copyText(csv([head, ...rows]), "Data as CSV"));
  const close = button("Close", () => dialog.close());
  const top = element("div", { className: "data-head" });
  top.append(element("h2", { textContent: title }), copy, close);
  const scroll = element("div", { className: "data-scroll", tabIndex: 0 });
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", `Values of ${title}`);
  scroll.append(tableOf(head, rows.slice(0, MOST)));
  dialog.append(top, scroll);
  if (rows.length > MOST) {
    const left = `${rows.length - MOST} more rows are copied, but not shown.`;
    dialog.append(element("p", { className: "note", textContent: left }));
  }
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function tableOf(head, rows) {
  const table = element("table", {});
  const body = element("tbody", {});
  table.append(element("thead", {}), body);
  table.tHead.append(rowOf(head, "th"));
  body.append(...rows.map((cells) => rowOf(cells, "td")));
  return table;
}

function rowOf(cells, tag) {
  const row = element("tr", {});
  row.append(...cells.map((text) => element(tag, { textContent: text })));
  return row;
}

function button(text, act) {
  const made = element("button", { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
