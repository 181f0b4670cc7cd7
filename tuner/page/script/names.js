// Names in little room.
import { h } from "./dom.js";

/**
 * A name as a node. Where it is too long for its place its beginning is left out, for names that
 * programs make differ in their ends, as the paths of settings do (style/base.css).
 */
export function nameText(text) {
  return h("span", { class: "long-name" }, h("bdi", {}, text));
}

/** A text that may break after its dots and slashes: a setting's path, a metric's name. */
export function breakable(text) {
  return text.split(/(?<=[./])/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));
}

/** `optimizer.learning_rate` -> `learning_rate`, `loss.type` -> `loss`. */
export function shortName(path) {
  return path
    .replace(/\.type$/, "")
    .split(".")
    .at(-1);
}
