// The buttons of a trial, wherever it stands: its eye, its pin, and the target of the reference.
import { toggleEye, togglePin } from "./acts.js";
import { iconButton } from "./controls.js";
import { choose, view } from "./state.js";

/** Shows or hides a trial; `name` is what it is called where the button stands. */
export function eyeButton(trial, name, props = {}) {
  const hidden = view.hide.has(trial.id);
  return iconButton(
    hidden ? "closed" : "eye",
    `${hidden ? "Show" : "Hide"} ${name}`,
    () => toggleEye(trial),
    { "data-do": "eye", "aria-pressed": String(!hidden), ...props },
  );
}

export function pinButton(trial, name, props = {}) {
  const pinned = view.pin.includes(trial.id);
  return iconButton("pin", `${pinned ? "Unpin" : "Pin"} ${name}`, () => togglePin(trial), {
    "data-do": "pin",
    "aria-pressed": String(pinned),
    ...props,
  });
}

export function referenceButton(trial, name, selection, props = {}) {
  return iconButton("target", `Compare the others with ${name}`, () => choose({ ref: trial.id }), {
    "data-do": "reference",
    "aria-pressed": String(selection.reference === trial),
    ...props,
  });
}
