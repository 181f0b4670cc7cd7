// What is done with a trial wherever it stands: open its drawer, its eye, pin it.
import { SLOTS } from "./colours.js";
import { announce } from "./controls.js";
import { visible } from "./format.js";
import { choose, view } from "./state.js";

/** Open the drawer of a trial, or close it. */
export function openTrial(trial) {
  const opening = view.trial !== trial.id;
  choose({ trial: opening ? trial.id : "" });
  if (opening) requestAnimationFrame(() => document.getElementById("drawer")?.focus());
}

export function toggleEye(trial) {
  const hide = new Set(view.hide);
  if (!hide.delete(trial.id)) hide.add(trial.id);
  choose({ hide });
}

/** Pinning opens a closed eye: a pinned trial is meant to be seen. */
export function togglePin(trial) {
  const pinned = view.pin.includes(trial.id);
  const hide = new Set(view.hide);
  hide.delete(trial.id);
  const pin = pinned ? view.pin.filter((id) => id !== trial.id) : [...view.pin, trial.id];
  choose({ pin, hide });
  if (!pinned && pin.length > SLOTS) {
    announce(`${visible(trial.name)} is pinned without a colour: all ${SLOTS} are taken`);
  }
}
