// Pointer and keyboard on a chart: what is under them is named and lit, a drag looks closer (or
// does what the chart says), a click pins. A drag is no click.
import { light } from "./hover.js";
import { colour } from "./marks.js";
import { readOut, tooltip } from "./tooltip.js";
import { canZoom, zoomBy, zoomOut, zoomTo } from "./zoom.js";

const STILL = 4; // pixels that a click may move

export const CHART_HELP =
  "Arrow keys go from value to value, Enter pins, plus and minus zoom, 0 shows all.";

/** Listen on a surface; `redraw(surface)` draws it anew, `top(surface)` what lies above. */
export function listen(surface, { redraw, top }) {
  const { element } = surface;
  const on = (name, act) => element.addEventListener(name, act);
  on("pointermove", (event) => point(surface, event, top));
  on("pointerleave", () => !surface.from && leave(surface, top));
  on("pointerdown", (event) => startDrag(surface, event));
  on("pointerup", (event) => endDrag(surface, event, { redraw, top }));
  on("pointercancel", () => (surface.from = null));
  on("click", () => click(surface));
  on("dblclick", () => zoomOut(surface.spec) && redraw(surface));
  on("keydown", (event) => key(surface, event, { redraw, top }));
  on("blur", () => leave(surface, top));
}

function placeOf(surface, event) {
  const box = surface.element.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function click(surface) {
  if (surface.dragged) return;
  if (surface.picked) surface.spec.click?.(surface.picked);
}

function startDrag(surface, event) {
  surface.dragged = false;
  const { spec, frame } = surface;
  if (!frame || event.button !== 0 || event.target.closest?.("button")) return;
  const drags = spec.drag || (canZoom(spec) && event.pointerType !== "touch");
  if (!drags) return;
  surface.from = placeOf(surface, event);
  surface.element.setPointerCapture(event.pointerId);
}

function endDrag(surface, event, { redraw, top }) {
  if (!surface.from) return;
  const [from, to] = [surface.from, placeOf(surface, event)];
  Object.assign(surface, { from: null, cross: null });
  top(surface);
  if (!surface.dragged) return;
  const { spec, frame } = surface;
  if (spec.drag) spec.drag(from, to, frame);
  else if (zoomTo(surface.drawnSpec, frame, from, to)) redraw(surface);
}

/** What a drag has marked so far: a band along an axis, or a box. */
function drawDrag(surface, at, top) {
  const { from, spec, ratio, frame } = surface;
  top(surface);
  const context = surface.top.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colour("--accent");
  context.globalAlpha = 0.25;
  const narrow = (a, b) => Math.abs(a - b) < 8;
  if (spec.drag) context.fillRect(from.x - 10, from.y, 20, at.y - from.y);
  else if (narrow(from.x, at.x)) context.fillRect(frame.left, from.y, frame.width, at.y - from.y);
  else if (narrow(from.y, at.y)) context.fillRect(from.x, frame.top, at.x - from.x, frame.height);
  else context.fillRect(from.x, from.y, at.x - from.x, at.y - from.y);
  context.globalAlpha = 1;
}

function point(surface, event, top) {
  const { spec, frame, element } = surface;
  if (!frame || !spec.pick) return;
  const at = placeOf(surface, event);
  if (surface.from) {
    const moved = Math.hypot(at.x - surface.from.x, at.y - surface.from.y);
    surface.dragged ||= moved > STILL;
    if (surface.dragged) {
      tooltip(null);
      drawDrag(surface, at, top);
    }
    return;
  }
  const picked = spec.pick(at, frame);
  const cross = inside(frame, at) ? (spec.cross?.(at, frame, picked?.trial) ?? null) : null;
  Object.assign(surface, { picked, cross, pointed: true });
  element.style.setProperty("cursor", picked && spec.click ? "pointer" : "default");
  light(picked?.trial?.id ?? null);
  if (spec.cross) top(surface);
  const said = cross ? { lines: [cross.title], rows: cross.rows } : picked;
  tooltip(said?.rows?.length || said?.lines?.length ? said : null, {
    x: event.clientX,
    y: event.clientY,
  });
}

function inside({ left, top, width, height }, { x, y }) {
  return x >= left - 6 && x <= left + width + 6 && y >= top - 6 && y <= top + height + 6;
}

export function leave(surface, top) {
  Object.assign(surface, { picked: null, cross: null, pointed: false, stop: null });
  light(null);
  tooltip(null);
  if (surface.spec.cross) top(surface);
}

function key(surface, event, { redraw, top }) {
  const { spec, frame } = surface;
  if (!frame || event.target !== surface.element || event.ctrlKey || event.metaKey) return;
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key in steps && spec.stops) walk(surface, steps[event.key], top);
  else if (event.key === "Enter" && surface.picked) spec.click?.(surface.picked);
  else if (event.key === "+" && canZoom(spec))
    zoomBy(surface.drawnSpec, frame, 0.5) && redraw(surface);
  else if (event.key === "-" && canZoom(spec))
    zoomBy(surface.drawnSpec, frame, 2) && redraw(surface);
  else if (event.key === "0") zoomOut(spec) && redraw(surface);
  else if (event.key === "Escape") leave(surface, top);
  else return;
  event.preventDefault();
}

/** Go to the next value of a row, or to the value beside it in another row. */
function walk(surface, [across, down], top) {
  const rows = surface.spec.stops(surface.frame).filter((row) => row.length);
  if (!rows.length) return;
  const last = rows.length - 1;
  let [row, at] = surface.stop ?? [0, -1];
  row = Math.min(row, last);
  if (down && last > 0) {
    const x = rows[row][Math.max(0, Math.min(at, rows[row].length - 1))].x;
    row = Math.min(last, Math.max(0, row + down));
    at = rows[row].reduce(
      (best, one, index) => (Math.abs(one.x - x) < Math.abs(rows[row][best].x - x) ? index : best),
      0,
    );
  } else {
    at = Math.min(rows[row].length - 1, Math.max(0, at + (across || down)));
  }
  const stop = rows[row][at];
  Object.assign(surface, { stop: [row, at], picked: stop, cross: null, at: stop });
  light(stop.trial?.id ?? null);
  top(surface);
  const box = surface.element.getBoundingClientRect();
  tooltip({ lines: stop.lines }, { x: box.left + stop.x, y: box.top + stop.y });
  readOut(stop.lines.join(", "));
}
