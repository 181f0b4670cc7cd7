// The compare table as text for other programs: what is shown, in the order in which it is shown.
import { baselineCell, cell, columnsOf } from "./rows.js";

/** The table as lists of plain texts for people: a head, then a list a row. */
export function matrix(selection, groups) {
  const rows = rowsOf(groups).map((row) => [titleOf(row), ...cellsOf(row, selection).map(written)]);
  return [headOf(selection), ...rows];
}

/** The same for spreadsheets: differences and published figures have rows of their own. */
export function plainMatrix(selection, groups) {
  const rows = rowsOf(groups).flatMap((row) => {
    const cells = cellsOf(row, selection);
    const part = (name, read) =>
      cells.some(read) ? [[`${titleOf(row)} ${name}`, ...cells.map((cell) => read(cell) ?? "")]] : [];
    return [
      [titleOf(row), ...cells.map((cell) => cell.plain)],
      ...part("change", (one) => one.difference),
      ...part("reported", (one) => one.reported),
    ];
  });
  return [headOf(selection), ...rows];
}

function headOf(selection) {
  const several = selection.studies.length > 1;
  const named = ({ study, label }) => (several ? `${study.key} / ${label}` : label);
  const name = ({ trial, baseline }) => (trial ? selection.label(trial) : named(baseline));
  return ["", ...columnsOf(selection).map(name)];
}

function rowsOf(groups) {
  return groups.flatMap((group) => group.rows);
}

function titleOf(row) {
  return row.unit ? `${row.label} (${row.unit})` : row.label;
}

function cellsOf(row, selection) {
  return columnsOf(selection).map(({ trial, baseline }) =>
    trial ? cell(row, trial, selection) : baselineCell(row, baseline, selection),
  );
}

function written(shown) {
  const more = [shown.difference, shown.reported && `report ${shown.reported}`].filter(Boolean);
  return more.length ? `${shown.text} (${more.join("; ")})` : shown.text;
}

/** A table for Markdown; nothing in it can end a cell or start markup. */
export function markdown([head, ...rows]) {
  const safe = (text) => text.replace(/[\\|<>*_`[\]]/g, "\\$&");
  const line = (cells) => `| ${cells.map(safe).join(" | ")} |`;
  const rule = `|---|${"---:|".repeat(head.length - 1)}`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** A table for spreadsheets (RFC 4180); no text of a trial can become a formula there. */
export function csv(rows) {
  const safe = (text) => {
    const plain = text === "–" ? "" : text.replaceAll("−", "-");
    if (isNumber(plain)) return plain;
    const quoted = /^\s*[=+\-@]|^[\t\r\n]/.test(plain) ? `'${plain}` : plain;
    return /[",\n\r;]/.test(quoted) ? `"${quoted.replaceAll('"', '""')}"` : quoted;
  };
  return rows.map((cells) => cells.map(safe).join(",")).join("\r\n");
}

function isNumber(text) {
  return /^[+-]?\d*\.?\d+(e[+-]?\d+)?$/i.test(text);
}

/** A table for LaTeX, with the rules of booktabs. */
export function latex([head, ...rows]) {
  const line = (cells) => `${cells.map(escapeLatex).join(" & ")} \\\\`;
  return [
    `\\begin{tabular}{l${"r".repeat(head.length - 1)}}`,
    "\\toprule",
    line(head),
    "\\midrule",
    ...rows.map(line),
    "\\bottomrule",
    "\\end{tabular}",
  ].join("\n");
}

const LATEX = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  "−": "$-$",
  "–": "--",
  "’": "'",
};

function escapeLatex(text) {
  return text.replace(/[\\~^<>|−–’&%$#_{}]/g, (mark) => LATEX[mark] ?? `\\${mark}`);
}
