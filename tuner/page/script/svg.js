// A drawing context that writes SVG: what charts draw on a canvas, they draw here as well. It has
// those parts of the canvas's interface that the charts use.

const escape = (text) => String(text).replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
const short = (value) => String(Math.round(value * 100) / 100);
const isPlace = (x, y) => Number.isFinite(x) && Number.isFinite(y);
const STATE = [
  "strokeStyle",
  "fillStyle",
  "lineWidth",
  "globalAlpha",
  "textAlign",
  "textBaseline",
  "font",
  "lineJoin",
];
const ANCHORS = { left: "start", center: "middle", right: "end" };
const SHIFTS = { top: 0.8, middle: 0.32, bottom: -0.22, alphabetic: 0 };

/** `measure` is a canvas's context, which knows how wide a text is. */
export class SvgContext {
  constructor(width, height, measure) {
    Object.assign(this, { width, height, measure, parts: [], path: [], dash: [], stack: [] });
    Object.assign(this, { strokeStyle: "#000", fillStyle: "#000", lineWidth: 1, globalAlpha: 1 });
    Object.assign(this, { textAlign: "left", textBaseline: "alphabetic", lineJoin: "miter" });
    Object.assign(this, { font: "12px sans-serif", clips: 0, open: 0 });
  }

  save() {
    const kept = Object.fromEntries(STATE.map((name) => [name, this[name]]));
    this.stack.push({ ...kept, dash: this.dash, open: this.open });
  }

  restore() {
    const { open, ...kept } = this.stack.pop();
    while (this.open > open) {
      this.parts.push("</g>");
      this.open -= 1;
    }
    Object.assign(this, kept);
  }

  translate(x, y) {
    this.parts.push(`<g transform="translate(${short(x)} ${short(y)})">`);
    this.open += 1;
  }

  setLineDash(dash) {
    this.dash = dash;
  }

  measureText(text) {
    this.measure.font = this.font;
    return this.measure.measureText(text);
  }

  beginPath() {
    this.path = [];
  }

  // As on a canvas, a place that is not finite (zero on a logarithmic axis) is left out.
  moveTo(x, y) {
    if (isPlace(x, y)) this.path.push(`M${short(x)} ${short(y)}`);
  }

  lineTo(x, y) {
    if (isPlace(x, y)) this.path.push(`${this.path.length ? "L" : "M"}${short(x)} ${short(y)}`);
  }

  closePath() {
    this.path.push("Z");
  }

  rect(x, y, width, height) {
    this.path.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`);
  }

  /** Whole circles only. */
  arc(x, y, radius) {
    if (!isPlace(x, y)) return;
    const [r, d] = [short(radius), short(2 * radius)];
    this.path.push(
      `M${short(x - radius)} ${short(y)}a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 -${d} 0`,
    );
  }

  clip() {
    this.clips += 1;
    const id = `clip${this.clips}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path.join("")}"/></clipPath>`);
    this.parts.push(`<g clip-path="url(#${id})">`);
    this.open += 1;
  }

  stroke() {
    this.parts.push(`<path d="${this.path.join("")}" fill="none"${this.#line()}/>`);
  }

  fill() {
    this.parts.push(`<path d="${this.path.join("")}"${this.#area()}/>`);
  }

  fillRect(x, y, width, height) {
    this.#rect(x, y, width, height, this.#area());
  }

  strokeRect(x, y, width, height) {
    this.#rect(x, y, width, height, ` fill="none"${this.#line()}`);
  }

  fillText(text, x, y) {
    this.#text(text, x, y, this.#area());
  }

  strokeText(text, x, y) {
    this.#text(text, x, y, ` fill="none"${this.#line()}`);
  }

  /** The whole drawing. */
  toString() {
    const { width, height } = this;
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    const space = 'xmlns="http://www.w3.org/2000/svg"';
    return `<svg ${space} ${size} font-family="sans-serif">\n${this.parts.join("\n")}\n</svg>\n`;
  }

  #rect(x, y, width, height, paint) {
    const place = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
    this.parts.push(`<rect ${place}${paint}/>`);
  }

  #text(text, x, y, paint) {
    const size = parseFloat(/(\d+(\.\d+)?)px/.exec(this.font)?.[1] ?? "12");
    const weight = /\b(bold|600)\b/.test(this.font) ? ' font-weight="600"' : "";
    const down = y + size * (SHIFTS[this.textBaseline] ?? 0);
    const anchor = ANCHORS[this.textAlign] ?? "start";
    const place = `x="${short(x)}" y="${short(down)}" font-size="${size}" text-anchor="${anchor}"`;
    this.parts.push(`<text ${place}${weight}${paint}>${escape(text)}</text>`);
  }

  #line() {
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    const join = this.lineJoin === "miter" ? "" : ` stroke-linejoin="${this.lineJoin}"`;
    const colour = escape(this.strokeStyle);
    return ` stroke="${colour}" stroke-width="${this.lineWidth}"${dash}${join}${this.#alpha("stroke")}`;
  }

  #area() {
    return ` fill="${escape(this.fillStyle)}"${this.#alpha("fill")}`;
  }

  #alpha(what) {
    return this.globalAlpha < 1 ? ` ${what}-opacity="${short(this.globalAlpha)}"` : "";
  }
}
