// A chart: two canvases in a figure, the lower with axes and marks, the upper with what is lit.
// A chart is drawn when it comes into view, and again only when what it shows has changed.
import { h } from "./dom.js";
import { litTrial, light, onLight } from "./hover.js";
import { colour } from "./marks.js";

const surfaces = new Set();
const TEXT = "12px system-ui, sans-serif";

/**
 * A chart as a node. `x` and `y` are axes (scales.js); `draw(context, frame)` draws the marks,
 * `over(context, frame, id)` what is lit, `pick(point, frame)` finds {trial, lines} at a point;
 * `stamp` is a text that changes whenever the chart has to be drawn again.
 */
export function plot(spec) {
  const title =
    spec.title &&
    h(
      "figcaption",
      {},
      h("span", { class: "plot-title" }, spec.title),
      spec.note && h("span", { class: "note" }, " ", spec.note),
    );
  return h(
    "figure",
    { class: "plot", key: spec.key },
    title,
    h("div", {
      class: "canvas",
      own: true,
      role: "img",
      "aria-label": spec.label,
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
  const surface = { element, base, top, drawn: null, visible: false, pending: false, spec: null };
  element.append(base, top);
  surfaces.add(surface);
  sizes.observe(element);
  sights.observe(element);
  element.addEventListener("pointermove", (event) => point(surface, event));
  element.addEventListener("pointerleave", () => leave(surface));
  element.addEventListener("click", () => surface.picked && surface.spec.click?.(surface.picked));
  element.addEventListener("pointerdown", (event) => startDrag(surface, event));
  element.addEventListener("pointerup", (event) => endDrag(surface, event));
  return surface;
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    target.surface.drawn = null;
    schedule(target.surface);
  }
});

const sights = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.surface.visible = isIntersecting;
    if (isIntersecting) schedule(target.surface);
  }
});

function schedule(surface) {
  if (surface.pending) return;
  surface.pending = true;
  requestAnimationFrame(() => {
    surface.pending = false;
    if (surface.visible && surface.drawn !== surface.spec.stamp) drawSurface(surface);
  });
}

function forget(surface) {
  if (surface.pointed) leave(surface);
  surfaces.delete(surface);
  sizes.unobserve(surface.element);
  sights.unobserve(surface.element);
}

function drawSurface(surface) {
  const { base, top, spec, element } = surface;
  const [width, height] = [element.clientWidth, element.clientHeight];
  if (!width || !height) return;
  const ratio = Math.max(devicePixelRatio || 1, document.documentElement.dataset.printing ? 2 : 1);
  for (const canvas of [base, top]) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  surface.ratio = ratio;
  const context = base.getContext("2d");
  context.scale(ratio, ratio);
  context.font = TEXT;
  surface.frame = makeFrame(context, spec, width, height);
  if (!spec.bare) drawAxes(context, surface.frame, spec);
  clipped(context, surface.frame, spec, () => spec.draw(context, surface.frame));
  surface.drawn = spec.stamp;
  drawTop(surface);
}

function drawTop(surface) {
  const { top, spec, frame, ratio } = surface;
  if (!frame || !spec.over) return;
  const context = top.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, top.width, top.height);
  const id = litTrial();
  if (id === null) return;
  context.scale(ratio, ratio);
  context.font = TEXT;
  clipped(context, frame, spec, () => spec.over(context, frame, id));
}

/** Marks end at the frame; a little room is left for those that sit on its edge. */
function clipped(context, frame, spec, draw) {
  context.save();
  if (!spec.bare) {
    context.beginPath();
    context.rect(frame.left - 6, frame.top - 18, frame.width + 12, frame.height + 26);
    context.clip();
  }
  draw();
  context.restore();
}

onLight(() => {
  for (const surface of surfaces) {
    if (surface.visible && surface.element.isConnected) drawTop(surface);
  }
});

/** Where the marks go: the area, and from values to pixels in it. */
function makeFrame(context, spec, width, height) {
  if (spec.bare) return { left: 0, top: 0, width, height, outer: { width, height } };
  const yTicks = spec.y.ticks(Math.max(2, Math.floor((height - 50) / 36)));
  const widest = Math.max(
    ...yTicks.map((tick) => context.measureText(spec.y.format(tick)).width),
    8,
  );
  const left = Math.ceil(Math.min(widest, width / 3)) + 10;
  const area = {
    left,
    top: 22,
    width: Math.max(10, width - left - 12),
    height: Math.max(10, height - 22 - 36),
  };
  return {
    ...area,
    yTicks,
    xTicks: spec.x.ticks(Math.max(2, Math.floor(area.width / 76))),
    outer: { width, height },
    x: (value) => area.left + spec.x.share(value) * area.width,
    y: (value) => area.top + (1 - spec.y.share(value)) * area.height,
  };
}

function drawAxes(context, frame, spec) {
  const bottom = frame.top + frame.height;
  context.lineWidth = 1;
  context.strokeStyle = colour("--grid");
  context.fillStyle = colour("--muted");
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of frame.yTicks) {
    const y = Math.round(frame.y(tick)) + 0.5;
    line(context, frame.left, y, frame.left + frame.width, y);
    context.fillText(spec.y.format(tick), frame.left - 6, y, frame.left - 8);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  const room = spec.x.choices ? frame.width / spec.x.choices.length - 4 : 76;
  for (const tick of frame.xTicks) {
    const x = frame.x(tick);
    line(context, x, bottom, x, bottom + 4);
    const text = shorten(context, spec.x.format(tick), room);
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(x, frame.outer.width - half), bottom + 7);
  }
  context.strokeStyle = colour("--line");
  line(context, frame.left, bottom + 0.5, frame.left + frame.width, bottom + 0.5);
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.fillText(spec.x.title, frame.left + frame.width, frame.outer.height - 1);
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(spec.y.title, 0, 0);
}

/** Text that fits into so many pixels, its end left out if need be. */
export function shorten(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return `${text.slice(0, length)}…`;
}

/** Text that can be read over lines. */
export function label(context, text, x, y) {
  context.save();
  context.strokeStyle = colour("--surface");
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.restore();
  context.fillText(text, x, y);
}

export function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

function place(surface, event) {
  const box = surface.element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function startDrag(surface, event) {
  if (!surface.spec.drag || !surface.frame || event.button !== 0) return;
  surface.from = place(surface, event);
  surface.element.setPointerCapture(event.pointerId);
}

function endDrag(surface, event) {
  if (!surface.from) return;
  const [from, to] = [surface.from, place(surface, event)];
  surface.from = null;
  drawTop(surface);
  surface.spec.drag(from, to, surface.frame);
}

/** The band that a drag has marked so far. */
function drawDrag(surface, at) {
  drawTop(surface);
  const context = surface.top.getContext("2d");
  context.setTransform(surface.ratio, 0, 0, surface.ratio, 0, 0);
  context.fillStyle = colour("--accent");
  context.globalAlpha = 0.25;
  context.fillRect(surface.from.x - 10, surface.from.y, 20, at.y - surface.from.y);
  context.globalAlpha = 1;
}

function point(surface, event) {
  const { spec, frame, element } = surface;
  if (!frame || !spec.pick) return;
  const at = place(surface, event);
  if (surface.from) {
    drawDrag(surface, at);
    return;
  }
  const picked = spec.pick(at, frame);
  Object.assign(surface, { picked, pointed: true });
  element.style.setProperty("cursor", picked && spec.click ? "pointer" : "default");
  light(picked?.trial?.id ?? null);
  tooltip(picked?.lines ?? null, event);
}

function leave(surface) {
  Object.assign(surface, { picked: null, pointed: false });
  light(null);
  tooltip(null);
}

/** A few lines of text beside the pointer. */
export function tooltip(lines, event) {
  const place = document.getElementById("tooltip");
  if (!place) return;
  place.hidden = lines === null;
  if (lines === null) return;
  place.replaceChildren(
    ...lines.map((text, index) => {
      const row = document.createElement(index ? "div" : "strong");
      row.textContent = text;
      return row;
    }),
  );
  const { offsetWidth: width, offsetHeight: height } = place;
  const x =
    event.clientX + 14 + width > innerWidth ? event.clientX - width - 10 : event.clientX + 14;
  const y = Math.min(event.clientY + 14, innerHeight - height - 8);
  place.style.setProperty("left", `${Math.max(4, x)}px`);
  place.style.setProperty("top", `${Math.max(4, y)}px`);
}

/** The nearest of some [x, y, payload] to a point, within a reach in pixels. */
export function nearest(points, at, reach = 18) {
  let [found, best] = [null, reach * reach];
  for (const [x, y, payload] of points) {
    const distance = (x - at.x) ** 2 + (y - at.y) ** 2;
    if (distance < best) [found, best] = [payload, distance];
  }
  return found;
}
