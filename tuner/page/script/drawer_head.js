// The head of the drawer: which trial it is, what can be done with it, its colour.
import { exchanged, SLOTS } from "./colours.js";
import { iconButton } from "./controls.js";
import { h } from "./dom.js";
import { counted, momentText } from "./format.js";
import { STATES } from "./marks.js";
import { nameText } from "./names.js";
import { quantity, stateText } from "./quantities.js";
import { swatch } from "./signs.js";
import { choose, view } from "./state.js";
import { eyeButton, pinButton, referenceButton } from "./trial_buttons.js";

export function close(trial) {
  choose({ trial: "" });
  requestAnimationFrame(() =>
    document.querySelector(`.trials [data-trial="${CSS.escape(trial.id)}"] .trial-link`)?.focus(),
  );
}

export function head(trial, selection) {
  const name = selection.label(trial);
  return h(
    "div",
    { class: "drawer-head" },
    h(
      "h2",
      {},
      swatch(selection.slot(trial)),
      h("span", { class: `sign ${trial.state}`, "aria-hidden": "true" }, STATES[trial.state].sign),
      nameText(name),
    ),
    h(
      "div",
      { class: "drawer-tools" },
      eyeButton(trial, name),
      pinButton(trial, name),
      referenceButton(trial, name, selection),
      iconButton("close", `Close ${name}`, () => close(trial), { "data-do": "close" }),
    ),
    h(
      "p",
      { class: "note" },
      [
        stateText(trial),
        counted(trial.epochs.epoch.length, "epoch"),
        quantity("run:seconds").text(trial.seconds),
        trial.retries > 0 && `retried ${trial.retries} ×`,
        trial.kind === "baseline" && "baseline",
        trial.started && `started ${momentText(trial.started)}`,
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    palette(trial, selection),
  );
}

/** Choosing a colour pins the trial: it is meant to be seen. */
function palette(trial, selection) {
  const own = selection.slot(trial);
  const give = (slot) => {
    const pin = view.pin.includes(trial.id) ? view.pin : [...view.pin, trial.id];
    choose({ colour: exchanged(trial.id, slot), pin });
  };
  return h(
    "div",
    { class: "palette", role: "group", "aria-label": "Colour" },
    Array.from({ length: SLOTS }, (_, slot) =>
      h(
        "button",
        {
          type: "button",
          "aria-label": `Colour ${slot + 1}`,
          "aria-pressed": String(own === slot),
          onclick: () => give(slot),
        },
        h("span", { class: `swatch slot-${slot}`, "aria-hidden": "true" }),
      ),
    ),
  );
}
