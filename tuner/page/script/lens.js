// Pictures with a lens that moves over all of them at once; or, in pairs, with a line that wipes
// between both, or both in turn.
import { h } from "./dom.js";
import { errorMap } from "./error_map.js";
import { colour } from "./marks.js";
import { load } from "./sources.js";
import { choose, view } from "./state.js";

/** What to say to those who use the keyboard. */
export const LENS_HELP =
  "Arrow keys move the lens or the wiping line, plus and minus change the lens's power, Escape takes it away.";

const SHARE = 0.42; // the lens's side, of the picture's
const FEW = 150; // pictures that are drawn at once, so that they are there when the view is printed
const TURN = 700; // milliseconds that each picture of a pair is shown
const cards = new Set();
const lens = { u: null, v: null, second: false };

/**
 * A picture as a node. `target` makes it the map of its error; `against` the picture that it is
 * wiped or flickers with; `frame` the picture whose size it is shown in.
 */
export function lensPicture({ source, target, against, frame, raw = false, label }) {
  const wanted = { source, target, against, frame: frame ?? source, raw };
  const { zoom, size, how, map, signed } = view;
  return h("canvas", {
    class: `picture${size === "fit" ? "" : " whole"}`,
    role: "img",
    "aria-label": target ? `Error map of ${label}` : label,
    onpointermove: (event) => move(event),
    onpointerleave: () => moveTo(null, null),
    hook: (canvas) => settle(canvas, { ...wanted, zoom, size, how, signed: map && signed }),
  });
}

/** Keys over the gallery. */
export function lensKeys(event) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.target.tagName === "INPUT") return;
  if (event.key in steps) {
    const [x, y] = steps[event.key];
    const within = (value) => Math.min(1, Math.max(0, value));
    moveTo(within((lens.u ?? 0.5) + x * 0.04), within((lens.v ?? 0.5) + y * 0.04));
  } else if (event.key === "+" || event.key === "-") {
    choose({ zoom: Math.min(12, Math.max(2, view.zoom + (event.key === "+" ? 1 : -1))) });
  } else if (event.key === "Escape") {
    moveTo(null, null);
  } else {
    return;
  }
  event.preventDefault();
}

/** Where the lens is, in shares of the pictures: {u, v}; null where there is none. */
export function lensPlace() {
  return lens.u === null ? null : { u: lens.u, v: lens.v };
}

/** Draw all pictures again, in another size or theme. */
export function redrawPictures() {
  for (const canvas of cards) draw(canvas);
}

function move(event) {
  const box = event.currentTarget.getBoundingClientRect();
  moveTo((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
}

function moveTo(u, v) {
  Object.assign(lens, { u, v });
  requestAnimationFrame(redrawPictures);
}

setInterval(() => {
  if (!cards.size || ![...cards].some((canvas) => canvas.other && canvas.wanted.how === "flicker"))
    return;
  lens.second = !lens.second;
  redrawPictures();
}, TURN);

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) draw(target);
});

/** Pictures are read and decoded when they are looked at. */
const sights = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      target.inSight = isIntersecting;
      if (isIntersecting) fill(target);
    }
  },
  { rootMargin: "300px" },
);

function settle(canvas, wanted) {
  canvas.wanted = wanted;
  if (!cards.has(canvas)) {
    cards.add(canvas);
    sizes.observe(canvas);
    sights.observe(canvas);
  }
  if (canvas.inSight || cards.size <= FEW) fill(canvas);
}

const NAMES = ["source", "target", "against", "frame", "signed", "size"];

async function fill(canvas) {
  const { wanted } = canvas;
  const key = NAMES.map((name) => wanted[name] ?? "").join("|");
  if (canvas.filled === key) {
    draw(canvas, true);
    return;
  }
  canvas.filled = key;
  delete canvas.dataset.ready;
  try {
    const { source, target, against, signed, frame } = wanted;
    const [picture, other, sized] = await Promise.all([
      target ? errorMap(source, target, signed) : load(source),
      against && !target ? load(against) : null,
      load(frame),
    ]);
    if (canvas.filled !== key) return; // something else is wanted by now
    Object.assign(canvas, { picture, other });
    const width = wanted.size === "fit" ? null : `${sized.width * Number(wanted.size)}px`;
    if (width) canvas.style.setProperty("width", width);
    else canvas.style.removeProperty("width");
    canvas.dataset.ready = "";
  } catch {
    Object.assign(canvas, { picture: null, other: null });
  }
  draw(canvas, true);
}

function draw(canvas, unseen = false) {
  if (!canvas.isConnected) {
    cards.delete(canvas);
    sizes.unobserve(canvas);
    sights.unobserve(canvas);
    return;
  }
  const { wanted, picture, other } = canvas;
  const ratio = devicePixelRatio || 1;
  const side = Math.round(canvas.clientWidth * ratio);
  if (!side || !(canvas.inSight || unseen)) return;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, side, side);
  if (!picture) {
    if (!("filled" in canvas) || picture === undefined) return; // still on its way
    context.fillStyle = colour("--muted");
    context.font = `${13 * ratio}px system-ui, sans-serif`;
    context.fillText("cannot be shown", 12, 24 * ratio);
    return;
  }
  context.imageSmoothingEnabled = !wanted.raw && wanted.size === "fit";
  context.imageSmoothingQuality = "high";
  const first = other && wanted.how === "flicker" && lens.second ? other : picture;
  context.drawImage(first, 0, 0, side, side);
  if (other && wanted.how === "wipe") wipe(context, other, side, ratio);
  else if (lens.u !== null) drawLens(context, first, side, wanted.zoom, ratio);
}

/** The other picture at the right of the line. */
function wipe(context, other, side, ratio) {
  const x = Math.round((lens.u ?? 0.5) * side);
  context.save();
  context.beginPath();
  context.rect(x, 0, side - x, side);
  context.clip();
  context.drawImage(other, 0, 0, side, side);
  context.restore();
  context.fillStyle = colour("--accent");
  context.fillRect(x - ratio, 0, 2 * ratio, side);
}

/** The square under the lens, so many times larger, without smoothing: pixels as they are. */
function drawLens(context, picture, side, zoom, ratio) {
  const { width, height } = picture;
  const size = side * SHARE;
  const [x, y] = [lens.u * side - size / 2, lens.v * side - size / 2];
  context.save();
  context.beginPath();
  context.rect(x, y, size, size);
  context.clip();
  context.imageSmoothingEnabled = false;
  context.fillStyle = colour("--surface");
  context.fillRect(x, y, size, size);
  const left = lens.u * side - lens.u * side * zoom;
  const top = lens.v * side - lens.v * side * zoom;
  context.drawImage(picture, 0, 0, width, height, left, top, side * zoom, side * zoom);
  context.restore();
  context.lineWidth = 2 * ratio;
  context.strokeStyle = colour("--accent");
  context.strokeRect(x, y, size, size);
}
