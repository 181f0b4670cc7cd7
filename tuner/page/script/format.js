// Numbers, settings and times as people read them; the same texts as tuner/analysis/values.py
// writes, and held to them by tests/tuner/page/number_cases.json. Only the minus sign and the dash
// are a typographer's here. `column` is what the study says of a metric (docs/page-data.md).

const MISSING = "–";
const SIZES = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];
const WHOLE = 1e15; // below it every whole number is exact

/** A metric's value with as many digits as are worth reading, without its unit. */
export function metricText(column, value) {
  if (value === null || value === undefined) return MISSING;
  const text = rounded(value, column?.decimals);
  return column?.signed && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A metric's value with its unit: `28.41 dB`. */
export function unitText(column, value) {
  return [metricText(column, value), column?.unit].filter(Boolean).join(" ");
}

/** A difference of two values, with its sign; `=` where there is none. */
export function differenceText(column, value) {
  if (value === 0) return "=";
  return `${value > 0 ? "+" : "−"}${rounded(Math.abs(value), column?.decimals, 3)}`;
}

/** `0.59 dB below bicubic`: how far a value lies from what it is compared with. */
export function againstText(column, difference, label) {
  const size = unitText({ ...column, signed: false }, Math.abs(difference));
  if (isNothing(column, difference)) return `equal to ${label}`;
  return `${size} ${difference < 0 ? "below" : "above"} ${label}`;
}

/** Whether a difference rounds to nothing, and is neither better nor worse. */
export function isNothing(column, difference) {
  return !/[1-9]/.test(metricText({ ...column, signed: false }, difference));
}

/** A mean over seeds with its deviation and how many there are: `28.20 ± 0.10 (3)`. */
export function meanText(column, repeats) {
  return `${meanAndDeviation(column, repeats)} (${repeats.count})`;
}

/** The same in words: `mean 28.20 ± 0.10 dB over 3 other seeds`. */
export function meanWords(column, repeats) {
  const unit = column?.unit ? ` ${column.unit}` : "";
  const seeds = counted(repeats.count, "other seed");
  return `mean ${meanAndDeviation(column, repeats)}${unit} over ${seeds}`;
}

function meanAndDeviation(column, { mean, deviation }) {
  const text = metricText(column, mean);
  if (deviation === null) return text;
  const decimals = column?.decimals ?? null;
  const inDigits = decimals === null ? "0" : fixed(deviation, decimals);
  return `${text} ± ${Number(inDigits) ? inDigits : numberText(deviation, 2)}`;
}

/** A number in five significant digits, whole numbers whole. */
export function numberText(value, digits = 5) {
  if (value === null || value === undefined) return MISSING;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < WHOLE) return minus(String(value));
  if (size < 1e-4 || size >= WHOLE) {
    const text = value.toExponential(digits - 1).replace("e+", "e");
    return minus(text.replace(/(\.\d*?)0+e/, "$1e").replace(".e", "e"));
  }
  if (size >= 10 ** digits) return fixed(value, 0);
  return minus(String(Number(value.toPrecision(digits))));
}

/** A number as an axis has room for it: `250k`, `1.5M`. */
export function shortText(value) {
  const size = Math.abs(value);
  const [unit, sign] = size < 1e4 ? [1, ""] : SIZES.find(([one]) => size >= one);
  return `${numberText(value / unit, 3)}${sign}`;
}

/** A number in so many digits after the point, rounded once, halves away from zero. */
export function fixed(value, decimals) {
  return minus(value.toFixed(decimals));
}

/** A setting: lists as `[0.9, 0.95]`, sections as JSON, nothing as a dash. */
export function settingText(value) {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "number") return numberText(value);
  if (Array.isArray(value)) return `[${value.map(givenText).join(", ")}]`;
  return visible(typeof value === "object" ? jsonText(value) : String(value));
}

/** One that was given: null and an empty text are values, too. */
export function givenText(value) {
  if (value === null) return "null";
  return value === "" ? '""' : settingText(value);
}

/** JSON with a space behind commas and colons, and numbers as everywhere else. */
function jsonText(value) {
  if (typeof value === "number") return numberText(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  const entries = Object.entries(value);
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}: ${jsonText(one)}`).join(", ")}}`;
}

/** A length of time: `12.3 s`, `4m05s`, `2h07m`. */
export function secondsText(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return MISSING;
  const tenths = seconds.toFixed(1);
  if (Number(tenths) < 60) return `${tenths} s`;
  const whole = Number(seconds.toFixed(0));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes < 60) return `${minutes}m${pad(rest)}s`;
  return `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`;
}

/** A moment, in the reader's own time zone. */
export function momentText(unix) {
  const date = new Date(unix * 1000);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** Text in which nothing is hidden: controls and marks that turn its direction are spelt out. */
export function visible(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}]/gu, (mark) =>
    /\s/.test(mark) ? " " : escaped(mark.codePointAt(0).toString(16)),
  );
}

function escaped(code) {
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}

/** `3 trials`, `1 trial`. */
export function counted(count, noun, plural = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}

/** `1.2 MB`: the size of a file. */
export function bytesText(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${numberText(bytes / 1000 ** power, 3)} ${["", "kB", "MB", "GB"][power]}`;
}

function rounded(value, decimals, digits = 5) {
  if (decimals === null || decimals === undefined || Math.abs(value) >= WHOLE) {
    return numberText(value, digits);
  }
  return fixed(value, decimals);
}

/** A true minus sign, but none before a zero. */
function minus(text) {
  if (Number(text) === 0) return text.replace("-", "");
  return text.replace(/^-/, "−").replace("e-", "e−");
}

function pad(number) {
  return String(number).padStart(2, "0");
}
