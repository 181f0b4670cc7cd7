// Names in little room: what is left out is their middle, for names made by programs differ in
// their ends.
import { h } from "./dom.js";

const TAIL = 6; // characters that always stand
const LAST = 22; // and of a path's last part at the most
const SHORT = 8; // names up to so many characters are not divided

/**
 * A name as a node; where it is too long for its place, it keeps its last letters, so many as `tail`
 * says (style/base.css).
 */
export function nameText(text, tail = TAIL) {
  const letters = [...text];
  if (letters.length <= Math.max(SHORT, tail)) return h("bdi", { class: "name" }, text);
  return h(
    "bdi",
    { class: "name" },
    h("span", { class: "name-head" }, letters.slice(0, -tail).join("")),
    h("span", { class: "name-tail" }, letters.slice(-tail).join("")),
  );
}

/** The path of a setting: where it is too long, its last part stands. */
export function pathText(path) {
  const last = [...path.split(".").at(-1)].length;
  return nameText(path, Math.min(LAST, last));
}

/** A text that may break after its dots and slashes: a setting's path, a metric's name. */
export function breakable(text) {
  return text.split(/(?<=[./])/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));
}
