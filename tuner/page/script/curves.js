// Curves: every metric over epochs, time or another metric, with the switches for how.
import { firstMetrics, sortable } from "./catalogue.js";
import { menu, oneOf, pickFrom, tick, toggle } from "./controls.js";
import { curveChart } from "./curve_chart.js";
import { groupsOf } from "./grouping.js";
import { h } from "./dom.js";
import { counted, visible } from "./format.js";
import { remember } from "./memory.js";
import { over, overChoices } from "./axes_x.js";
import { nothingShown } from "./nothing.js";
import { choose, view } from "./state.js";

/** The view. */
export function curvesView(selection, known) {
  const panels = shownPanels(known);
  return [
    toolbar(known, panels),
    !selection.shown.length
      ? nothingShown(selection)
      : h(
          "div",
          { class: "plots two", key: "plots" },
          panels.map((name) => panel(name, selection)),
        ),
    panels.length > 0 && (view.group ? groupLegend(selection) : legend(selection)),
  ];
}

function toolbar(known, panels) {
  const ways = overChoices(known);
  return h(
    "div",
    { class: "toolbar", key: "toolbar" },
    ways.length > 4
      ? h(
          "label",
          {},
          "Over ",
          pickFrom("Over", ways, view.x, (x) => choose({ x })),
        )
      : oneOf("Over", ways, view.x, (x) => choose({ x })),
    h(
      "div",
      { class: "one-of", role: "group", "aria-label": "Scale of the axes" },
      toggle("Log scale", view.log, (log) => choose({ log }), {
        title: "Logarithmic values, where all of them are above zero and less is better",
      }),
      toggle("Log x", view.logx, (logx) => choose({ logx })),
      toggle("Clip outliers", view.clip, (clip) => choose({ clip }), {
        title: "Cut off outliers at the edge of the chart",
      }),
    ),
    h(
      "label",
      { class: "slider" },
      h("span", {}, "Smoothing"),
      h("input", {
        type: "range",
        min: 0,
        max: 0.95,
        step: 0.05,
        value: String(view.smooth),
        oninput: (event) => choose({ smooth: Number(event.target.value) }),
      }),
      h("output", {}, view.smooth ? view.smooth.toFixed(2) : "off"),
    ),
    oneOf(
      "Draw",
      [
        ["auto", "auto"],
        ["lines", "lines"],
        ["spread", "spread"],
      ],
      view.lines,
      (lines) => choose({ lines }),
    ),
    groupBy(known),
    menu(
      "Metrics",
      { "data-menu": "metrics" },
      known.metrics.map((name) =>
        tick(name, panels.includes(name), (on) =>
          choose({ panel: on ? [...panels, name] : panels.filter((panel) => panel !== name) }),
        ),
      ),
    ),
  );
}

/** The choice of what trials are put together by, here and in the table of trials. */
export function groupBy(known) {
  const groups = sortable(known).filter(({ label }) => label !== "Best value");
  const choices = [["", "nothing"], ...groups];
  return h(
    "label",
    {},
    "Group by ",
    pickFrom("Group by", choices, view.group, (group) => choose({ group })),
  );
}

/** The metrics that have a panel: as chosen, else those that are shown at first. */
function shownPanels(known) {
  const chosen = view.panel.filter((name) => known.metrics.includes(name));
  if (chosen.length) return known.metrics.filter((name) => chosen.includes(name));
  return firstMetrics(known).slice(0, 4);
}

function panel(name, selection) {
  const { x, log, logx, clip, group, smooth, lines } = view;
  const stamp = [selection.key, x, log, logx, clip, group, smooth, lines].join("|");
  return remember(`curves ${name}`, stamp, () => curveChart(name, selection, stamp, over(x)));
}

function groupLegend(selection) {
  return h(
    "ul",
    { class: "legend", key: "legend", "aria-label": "Legend" },
    groupsOf(view.group, selection.shown, selection.studies[0]).map((group, index) =>
      h(
        "li",
        { key: group.name },
        h("span", { class: `swatch slot-${index % 8}`, "aria-hidden": "true" }),
        `${visible(group.name)} (${counted(group.trials.length, "trial")})`,
      ),
    ),
    h("li", { class: "note" }, "lines: mean; bands: one standard deviation"),
  );
}

/** Which colour is which trial, and what the signs mean. */
export function legend(selection) {
  const rest = selection.shown.length - selection.coloured.length;
  return h(
    "ul",
    { class: "legend", key: "legend", "aria-label": "Legend" },
    selection.coloured.map((trial) =>
      h(
        "li",
        { key: trial.id, "data-trial": trial.id },
        h("span", { class: `swatch slot-${selection.slot(trial)}`, "aria-hidden": "true" }),
        h("bdi", {}, selection.label(trial)),
      ),
    ),
    rest > 0 &&
      h(
        "li",
        { class: "note" },
        h("span", { class: "swatch other", "aria-hidden": "true" }),
        `${counted(rest, "other trial")}`,
      ),
    h("li", { class: "note" }, "ends: ● complete  ○ stopped  ▸ running  ‖ interrupted  ✕ failed"),
  );
}
