// What stands in place of a view that has nothing to show.
import { h } from "./dom.js";

/** Why no trial is shown: there is none yet, none passes the filters, or all eyes are closed. */
export function nothingShown({ all, listed }) {
  const why = !all.length
    ? "No trials yet. They appear here as soon as they start."
    : listed.length
      ? "No trial is shown. Open an eye in the list of trials."
      : "No trial passes the filters.";
  return h("p", { class: "empty", key: "nothing" }, why);
}
