// The list of trials beside every view: find, filter, sort, show and hide, pin, choose the
// reference. Only the rows in sight are in the document, so that thousands scroll smoothly.
import { openTrial } from "./acts.js";
import { anchored } from "./anchor.js";
import { afterwards, h } from "./dom.js";
import { filters } from "./filters.js";
import { metricText, visible } from "./format.js";
import { rankedApart, score } from "./model.js";
import { nameText } from "./names.js";
import { starSign, stateSign, swatch, unbeatenSign } from "./signs.js";
import { choose, view } from "./state.js";
import { eyeButton, pinButton, referenceButton } from "./trial_buttons.js";

const ROW = 32;
const place = { top: 0, height: 600, row: 0, column: 0, focus: false, kept: {} };

/** The list with its filters. `redraw` draws the page again after scrolling. */
export function trialList(selection, known, redraw) {
  return h(
    "aside",
    { class: "trials", id: "trials", "aria-label": "Trials" },
    filters(selection, known),
    summary(selection),
    order(selection),
    grid(selection, redraw),
  );
}

function summary(selection) {
  const shown = selection.shown.length;
  const ids = selection.listed.map((trial) => trial.id);
  return h(
    "div",
    { class: "shown" },
    h(
      "span",
      { role: "status" },
      `${shown.toLocaleString("en")} of ${selection.all.length.toLocaleString("en")} shown`,
    ),
    h("button", { type: "button", class: "plain", onclick: () => showAll(ids) }, "Show all"),
    h("button", { type: "button", class: "plain", onclick: () => hideAll(ids) }, "Hide all"),
  );
}

/** What the order alone would not tell: that values of several studies are not ranked as one. */
function order({ studies }) {
  const apart = view.sort === "rank" ? rankedApart(studies) : null;
  return apart && h("p", { class: "note order" }, apart);
}

function showAll(ids) {
  const hide = new Set(view.hide);
  for (const id of ids) hide.delete(id);
  choose({ hide });
}

function hideAll(ids) {
  choose({ hide: new Set([...view.hide, ...ids]) });
}

function grid(selection, redraw) {
  const trials = selection.listed;
  const { version, choices } = selection;
  const ids = trials.map((trial) => trial.id);
  place.top = anchored(place.kept, { ids, size: ROW, at: place.top, version, choices });
  const first = Math.max(0, Math.floor(place.top / ROW) - 6);
  const rows = new Set(trials.slice(first, first + Math.ceil(place.height / ROW) + 12).keys());
  place.row = Math.min(place.row, Math.max(0, trials.length - 1));
  const inSight = [...rows].map((index) => index + first);
  if (trials.length && !inSight.includes(place.row)) inSight.push(place.row); // it holds the focus
  return h(
    "div",
    {
      class: "trial-grid",
      role: "grid",
      "aria-label": "Trials, best first unless sorted otherwise",
      "aria-rowcount": trials.length,
      onscroll: (event) => {
        place.top = event.target.scrollTop;
        redraw();
      },
      onkeydown: (event) => move(event, trials, redraw),
      hook: (element) => afterwards(() => settleGrid(element, redraw)),
    },
    h(
      "div",
      { class: "trial-rows", role: "rowgroup", style: { height: `${trials.length * ROW}px` } },
      inSight.map((index) => trialRow(trials[index], index, selection)),
    ),
    !trials.length &&
      h(
        "p",
        { class: "empty" },
        selection.all.length ? "No trial passes the filters." : "No trials yet.",
      ),
  );
}

function settleGrid(element, redraw) {
  if (element.clientHeight && Math.abs(element.clientHeight - place.height) > ROW) {
    place.height = element.clientHeight;
    requestAnimationFrame(redraw);
  }
  if (element.scrollTop !== place.top) element.scrollTop = place.top;
  if (Math.abs(element.scrollTop - place.top) > 1) {
    place.top = element.scrollTop; // the list has become shorter
    requestAnimationFrame(redraw);
  }
  if (!place.focus) return;
  place.focus = false;
  const row = element.querySelector(`[aria-rowindex="${place.row + 1}"]`);
  row?.querySelector(`[data-stop="${place.column}"]`)?.focus({ preventScroll: true });
}

function trialRow(trial, index, selection) {
  const hidden = view.hide.has(trial.id);
  const isReference = selection.reference === trial;
  const slot = selection.slot(trial);
  const name = selection.label(trial);
  const stop = (column) => ({
    tabindex: index === place.row && column === place.column ? "0" : "-1",
    "data-stop": column,
    onfocus: () => Object.assign(place, { row: index, column }),
  });
  return h(
    "div",
    {
      class: `trial${view.trial === trial.id ? " opened" : ""}${hidden ? " hidden-trial" : ""}${isReference ? " is-reference" : ""}`,
      role: "row",
      key: trial.id,
      "aria-rowindex": index + 1,
      style: { top: `${index * ROW}px` },
      "data-trial": trial.id,
    },
    h("span", { role: "gridcell" }, eyeButton(trial, name, stop(0))),
    h(
      "span",
      { role: "gridcell", class: "trial-name", title: `${name}: ${trial.state}` },
      swatch(slot, hidden),
      stateSign(trial),
      h(
        "button",
        {
          type: "button",
          class: "plain trial-link",
          "aria-expanded": String(view.trial === trial.id),
          onclick: () => openTrial(trial),
          ...stop(3),
        },
        nameText(visible(trial.name)),
      ),
      starSign(trial),
      selection.studies.length > 1 &&
        h("span", { class: "of-study" }, nameText(visible(trial.study.key))),
      unbeatenSign(trial, selection),
    ),
    h("span", { role: "gridcell", class: "trial-value" }, valueText(trial)),
    h("span", { role: "gridcell" }, pinButton(trial, name, stop(1))),
    h("span", { role: "gridcell" }, referenceButton(trial, name, selection, stop(2))),
  );
}

/** By what a trial is ranked: its best value, or the mean over other seeds. */
function valueText(trial) {
  const value = trial.repeats?.mean ?? score(trial);
  const text = metricText(trial.study.columns[trial.study.goal], value);
  return trial.repeats ? [h("span", { class: "note" }, "mean "), text] : text;
}

/** Arrow keys walk over the list; the page keeps one tab stop for all of it. */
function move(event, trials, redraw) {
  const page = Math.max(1, Math.floor(place.height / ROW) - 1);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
  const across = { ArrowLeft: -1, ArrowRight: 1 };
  if (event.key in across) {
    place.column = Math.min(3, Math.max(0, place.column + across[event.key]));
  } else if (event.key in steps || event.key === "Home" || event.key === "End") {
    const target = { Home: 0, End: trials.length - 1 }[event.key] ?? place.row + steps[event.key];
    place.row = Math.min(trials.length - 1, Math.max(0, target));
  } else {
    return;
  }
  event.preventDefault();
  place.focus = true;
  scrollToRow(event.currentTarget);
  redraw();
}

function scrollToRow(element) {
  const top = place.row * ROW;
  if (top < element.scrollTop) element.scrollTop = top;
  const below = top + ROW - element.clientHeight;
  if (below > element.scrollTop) element.scrollTop = below;
  place.top = element.scrollTop;
}
