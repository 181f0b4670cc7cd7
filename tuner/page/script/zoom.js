// What part of a chart is looked at: a box that was dragged, kept as long as the page is open.

const boxes = new Map();
const LEAST = 8; // pixels: a narrower drag is meant along the other axis alone

const keyOf = (spec) => [spec.key, spec.x?.title, spec.y?.title].join("|");

/** Whether a chart's axes can be narrowed. */
export function canZoom(spec) {
  return !spec.bare && !spec.drag && Boolean(spec.x?.within || spec.y?.within);
}

/** The chart with its axes narrowed to what is looked at. */
export function zoomed(spec) {
  const box = spec.bare ? null : boxes.get(keyOf(spec));
  if (!box) return spec;
  const narrowed = (axis, range) => (range && axis.within ? axis.within(range) : axis);
  return { ...spec, x: narrowed(spec.x, box.x), y: narrowed(spec.y, box.y), zoomed: true };
}

/** Look at the box between two points of a frame. Returns whether that is another view. */
export function zoomTo(spec, frame, from, to) {
  const [wide, high] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  const x = wide >= LEAST && spec.x.within ? [frame.atX(from.x), frame.atX(to.x)] : null;
  const y = high >= LEAST && spec.y.within ? [frame.atY(from.y), frame.atY(to.y)] : null;
  if (!x && !y) return false;
  const before = boxes.get(keyOf(spec)) ?? {};
  const sorted = (range) => range && [...range].sort((a, b) => a - b);
  boxes.set(keyOf(spec), { x: sorted(x) ?? before.x ?? null, y: sorted(y) ?? before.y ?? null });
  return true;
}

/** Look at a part of the frame around its middle: at half of it, or at twice as much. */
export function zoomBy(spec, frame, factor) {
  const [x, y] = [frame.left + frame.width / 2, frame.top + frame.height / 2];
  const [wide, high] = [(frame.width * factor) / 2, (frame.height * factor) / 2];
  return zoomTo(spec, frame, { x: x - wide, y: y - high }, { x: x + wide, y: y + high });
}

/** Look at all of it. Returns whether that is another view. */
export function zoomOut(spec) {
  return boxes.delete(keyOf(spec));
}
