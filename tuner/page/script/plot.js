// A chart: two canvases in a figure, the lower with axes and marks, the upper with what is lit.
// A chart is drawn when it comes into view, and again only when what it shows has changed.
import { chartMenu } from "./chart_menu.js";
import { h } from "./dom.js";
import { clipped, drawChart, line, TEXT } from "./drawing.js";
import { litTrial, onLight } from "./hover.js";
import { colour } from "./marks.js";
import { breakable } from "./names.js";
import { CHART_HELP, leave, listen } from "./pointing.js";
import { zoomed, zoomOut } from "./zoom.js";

const surfaces = new Set();

/**
 * A chart as a node. `x` and `y` are axes (scales.js); `draw(context, frame)` draws the marks,
 * `over(context, frame, id)` what is lit, `pick(point, frame)` finds {trial, lines} at a point,
 * `cross(point, frame, trial)` all values at a place, `stops(frame)` what the keyboard goes
 * through, `table()` the data; `stamp` is a text that changes whenever it has to be drawn again.
 */
export function plot(spec) {
  return h(
    "figure",
    { class: "plot", key: spec.key },
    spec.title &&
      h(
        "figcaption",
        {},
        h(
          "span",
          {},
          h("span", { class: "plot-title" }, breakable(spec.title)),
          spec.note && h("span", { class: "note" }, " ", spec.note),
        ),
        chartMenu(spec),
      ),
    h("div", {
      class: "canvas",
      own: true,
      tabindex: "0",
      role: "application",
      "aria-roledescription": "chart",
      "aria-label": `${spec.label}. ${CHART_HELP}`,
      style: { height: `${spec.height ?? 220}px` },
      hook: (element) => show(element, spec),
    }),
  );
}

/** Let go of the charts that are no longer on the page. */
export function forgetPlots() {
  for (const surface of surfaces) if (!surface.element.isConnected) forget(surface);
}

/** Draw all charts again: the theme or the paper has changed. */
export function redrawPlots(now = false) {
  for (const surface of surfaces) {
    surface.drawn = null;
    if (now) drawSurface(surface);
    else schedule(surface);
  }
}

function show(element, spec) {
  element.surface ??= createSurface(element);
  element.surface.spec = spec;
  if (element.surface.drawn !== spec.stamp) schedule(element.surface);
}

function createSurface(element) {
  const [base, top] = [document.createElement("canvas"), document.createElement("canvas")];
  const all = document.createElement("button");
  Object.assign(all, {
    type: "button",
    className: "show-all",
    textContent: "Show all",
    hidden: true,
  });
  const surface = { element, base, top, all, drawn: null, visible: false, pending: false };
  Object.assign(surface, { spec: null, drawnSpec: null, picked: null, cross: null, stop: null });
  element.append(base, top, all);
  all.addEventListener("click", (event) => {
    event.stopPropagation();
    zoomOut(surface.spec);
    redraw(surface);
    element.focus();
  });
  surfaces.add(surface);
  sizes.observe(element);
  sights.observe(element);
  listen(surface, { redraw, top: drawTop });
  return surface;
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) redraw(target.surface);
});

const sights = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.surface.visible = isIntersecting;
    if (isIntersecting) schedule(target.surface);
  }
});

function redraw(surface) {
  surface.drawn = null;
  schedule(surface);
}

function schedule(surface) {
  if (surface.pending) return;
  surface.pending = true;
  requestAnimationFrame(() => {
    surface.pending = false;
    if (surface.visible && surface.drawn !== surface.spec.stamp) drawSurface(surface);
  });
}

function forget(surface) {
  if (surface.pointed) leave(surface, drawTop);
  surfaces.delete(surface);
  sizes.unobserve(surface.element);
  sights.unobserve(surface.element);
}

function drawSurface(surface) {
  const { base, top, element } = surface;
  const [width, height] = [element.clientWidth, element.clientHeight];
  if (!width || !height) return;
  const ratio = Math.max(devicePixelRatio || 1, document.documentElement.dataset.printing ? 2 : 1);
  for (const canvas of [base, top]) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = base.getContext("2d");
  context.scale(ratio, ratio);
  const spec = zoomed(surface.spec);
  const frame = drawChart(context, spec, width, height);
  Object.assign(surface, { ratio, frame, drawnSpec: spec, drawn: surface.spec.stamp });
  surface.all.hidden = !spec.zoomed;
  drawTop(surface);
}

function drawTop(surface) {
  const { top, drawnSpec: spec, frame, ratio, cross, stop, at } = surface;
  if (!frame || !spec.over) return;
  const context = top.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, top.width, top.height);
  context.scale(ratio, ratio);
  context.font = TEXT;
  context.strokeStyle = colour("--muted");
  context.lineWidth = 1;
  if (cross) line(context, cross.x, frame.top, cross.x, frame.top + frame.height);
  const id = litTrial();
  if (id !== null) clipped(context, frame, spec, () => spec.over(context, frame, id));
  if (!stop) return;
  context.strokeStyle = colour("--accent");
  context.lineWidth = 2;
  context.strokeRect(at.x - 7, at.y - 7, 14, 14);
}

onLight(() => {
  for (const surface of surfaces) {
    if (surface.visible && surface.element.isConnected) drawTop(surface);
  }
});
