// Numbers, settings and times as people read them; the same digits as the tables in a terminal.

const MISSING = "–";

/** A metric's value in its unit, with as many digits as are worth reading. */
export function metricText(name, value) {
  if (value === null || value === undefined) return MISSING;
  const leaf = name.split("/").at(-1);
  if (leaf === "gain") return signed(value.toFixed(2));
  if (leaf.startsWith("psnr")) return minus(value.toFixed(2));
  return leaf === "ssim" ? minus(value.toFixed(4)) : numberText(value);
}

/** A difference of two values, with its sign. */
export function differenceText(name, value) {
  const known = /(psnr\w*|gain|ssim)$/.test(name);
  const size = known
    ? metricText(name, Math.abs(value)).replace(/^\+/, "")
    : numberText(Math.abs(value), 3);
  return value === 0 ? `±${size}` : value > 0 ? `+${size}` : `−${size}`;
}

/** A number in five significant digits, whole numbers whole. */
export function numberText(value, digits = 5) {
  if (value === null || value === undefined) return MISSING;
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return minus(String(value));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    return minus(
      value
        .toExponential(digits - 1)
        .replace(/\.?0+e/, "e")
        .replace("e+", "e"),
    );
  }
  return minus(String(Number(value.toPrecision(digits))));
}

/** A setting: lists as `(0.9, 0.95)`, sections as JSON, nothing as a dash. */
export function settingText(value) {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "number") return numberText(value);
  if (Array.isArray(value)) return `(${value.map(settingText).join(", ")})`;
  return visible(typeof value === "object" ? JSON.stringify(value) : String(value));
}

/** A length of time: `12.3 s`, `4m05s`, `2h07m`. */
export function secondsText(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return MISSING;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
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
    /\s/.test(mark) ? " " : `\\u${mark.codePointAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** `3 trials`, `1 trial`. */
export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function signed(text) {
  return Number(text) > 0 ? `+${text}` : minus(text);
}

/** A true minus sign, but none before a zero. */
function minus(text) {
  if (Number(text) === 0) return text.replace("-", "");
  return text.replace(/^-/, "−").replace("e-", "e−");
}

function pad(number) {
  return String(number).padStart(2, "0");
}
