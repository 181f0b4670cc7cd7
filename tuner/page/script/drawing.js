// How a chart is drawn on a context: where its area is, its axes, and what charts share.
import { colour } from "./marks.js";

export const TEXT = "12px system-ui, sans-serif";
const LEGIBLE = 36; // pixels: a choice's name in less says nothing

/** Draw axes and marks of a chart; gives the frame: where its values lie. */
export function drawChart(context, spec, width, height) {
  context.font = TEXT;
  const frame = makeFrame(context, spec, width, height);
  if (!spec.bare) drawAxes(context, frame, spec);
  clipped(context, frame, spec, () => spec.draw(context, frame));
  spec.beside?.(context, frame);
  return frame;
}

/** Marks end at the frame; a little room is left for those that sit on its edge. */
export function clipped(context, frame, spec, draw) {
  context.save();
  if (!spec.bare) {
    const [above, below] = spec.zoomed ? [4, 4] : [18, 8];
    context.beginPath();
    context.rect(frame.left - 6, frame.top - above, frame.width + 12, frame.height + above + below);
    context.clip();
  }
  draw();
  context.restore();
}

/** Where the marks go: the area, and from values to pixels in it. */
function makeFrame(context, spec, width, height) {
  if (spec.bare) return { left: 0, top: 0, width, height, outer: { width, height } };
  const yTicks = spec.y.ticks(Math.max(2, Math.floor((height - 50) / 36)));
  const widest = Math.max(
    ...yTicks.map((tick) => context.measureText(spec.y.format(tick)).width),
    8,
  );
  const left = Math.ceil(Math.min(widest, width / 3)) + 10;
  const right = Math.max(12, spec.right?.(context, width) ?? 0);
  const area = {
    left,
    top: 22,
    width: Math.max(10, width - left - right),
    height: Math.max(10, height - 22 - 36),
  };
  return {
    ...area,
    yTicks,
    xTicks: spec.x.ticks(Math.max(2, Math.floor(area.width / 76))),
    outer: { width, height },
    x: (value) => area.left + spec.x.share(value) * area.width,
    y: (value) => area.top + (1 - spec.y.share(value)) * area.height,
    atX: (x) => spec.x.value((x - area.left) / area.width),
    atY: (y) => spec.y.value(1 - (y - area.top) / area.height),
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
  const band = spec.x.choices ? frame.width / spec.x.choices.length : 80;
  const every = Math.max(1, Math.ceil(LEGIBLE / band));
  for (const [index, tick] of frame.xTicks.entries()) {
    const x = frame.x(tick);
    line(context, x, bottom, x, bottom + 4);
    if (index % every) continue;
    const text = shorten(context, spec.x.format(tick), band * every - 4);
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

/** Text that fits into so many pixels, its middle left out: names differ in their ends. */
export function shortenMiddle(context, text, room) {
  const fits = (one) => context.measureText(one).width <= room;
  if (fits(text)) return text;
  let length = text.length - 1;
  const cut = () => {
    const head = Math.floor(length / 2);
    return `${text.slice(0, head)}…${text.slice(text.length - (length - head))}`;
  };
  while (length > 1 && !fits(cut())) length -= 1;
  return cut();
}

export function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** A line that goes along before it goes up or down: [x, y, ...] in values, in order of x. */
export function stairs(context, frame, places) {
  context.beginPath();
  places.forEach(([x, y], index) => {
    if (index) context.lineTo(frame.x(x), frame.y(places[index - 1][1]));
    if (index) context.lineTo(frame.x(x), frame.y(y));
    else context.moveTo(frame.x(x), frame.y(y));
  });
  context.stroke();
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

/** A label that can be read where lines pass below it. */
export function haloed(context, text, x, y) {
  context.save();
  context.strokeStyle = colour("--surface");
  context.lineWidth = 5;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.restore();
  context.fillStyle = colour("--text");
  context.fillText(text, x, y);
}
