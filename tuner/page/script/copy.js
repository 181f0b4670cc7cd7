// The compare table as text for other programs: what is shown, in the order in which it is shown.
import { bicubicCell, cell } from "./rows.js";
import { view } from "./state.js";

/** The table as lists of plain texts: a head, then a list a row. */
export function matrix(selection, groups) {
  const bicubic = view.bicubic
    ? selection.studies.filter((study) => Object.keys(study.baseline).length)
    : [];
  const several = selection.studies.length > 1;
  const head = [
    "",
    ...bicubic.map((study) => (several ? `${study.key} / bicubic` : "bicubic")),
    ...selection.shown.map(selection.label),
  ];
  const rows = groups
    .flatMap((group) => group.rows)
    .map((row) => [
      row.unit ? `${row.label} (${row.unit})` : row.label,
      ...bicubic.map((study) => written(bicubicCell(row, study, selection))),
      ...selection.shown.map((trial) => written(cell(row, trial, selection))),
    ]);
  return [head, ...rows];
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
    const plain = text.replace("−", "-");
    if (isNumber(plain)) return plain;
    const quoted = /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
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
