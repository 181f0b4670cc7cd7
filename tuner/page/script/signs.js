// The small marks of a trial beside its name: colour, state, star, Pareto front.
import { h } from "./dom.js";
import { STATES } from "./marks.js";
import { noteOf } from "./model.js";

/** Marks a trial that somebody has given a star. */
export function starSign(trial) {
  return (
    noteOf(trial).star && h("span", { class: "star", role: "img", "aria-label": "starred" }, "★")
  );
}

/** Marks a trial on the Pareto front of its study's two goals. */
export function unbeatenSign(trial, selection) {
  const label = "on the Pareto front: no other trial is better in both goals";
  return (
    selection.unbeaten(trial) &&
    h("span", { class: "unbeaten", role: "img", title: label, "aria-label": label }, "◆")
  );
}

/** The colour of a trial, as in the charts. */
export function swatch(slot, hidden = false) {
  const kind = slot === null || hidden ? "other" : `slot-${slot}`;
  return h("span", { class: `swatch ${kind}`, "aria-hidden": "true" });
}

/** The mark of a trial's state, with its name for those who cannot see it. */
export function stateSign({ state }) {
  return h("span", { class: `sign ${state}`, role: "img", "aria-label": state }, STATES[state].sign);
}
