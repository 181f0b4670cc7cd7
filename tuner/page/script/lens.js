// Pictures with a lens that moves over all of them at once, and maps of the error.
import { h } from "./dom.js";
import { colour } from "./marks.js";
import { choose, view } from "./state.js";

/** What to say to those who use the keyboard. */
export const LENS_HELP =
  "Arrow keys move the lens, plus and minus change its power, Escape takes it away.";

const SHARE = 0.42; // the lens's side, of the picture's
export const WORST = 0.15; // the error that is shown brightest, of the range [0, 1]
const cards = new Set();
const loaded = new Map(); // source -> promise of a picture
const lens = { u: null, v: null };

/** A picture as a node; with `target`, the map of its error. */
export function lensPicture({ source, target, raw = false, label }) {
  return h("canvas", {
    class: "picture",
    role: "img",
    "aria-label": target ? `Error map of ${label}` : label,
    onpointermove: (event) => move(event),
    onpointerleave: () => moveTo(null, null),
    hook: (canvas) => settle(canvas, { source, target, raw, zoom: view.zoom }),
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

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) draw(target);
});

async function settle(canvas, wanted) {
  if (!cards.has(canvas)) {
    cards.add(canvas);
    sizes.observe(canvas);
  }
  const key = `${wanted.source}|${wanted.target ?? ""}`;
  const same = canvas.dataset.key === String(hash(key)) && canvas.zoom === wanted.zoom;
  if (same) return;
  Object.assign(canvas, { zoom: wanted.zoom, raw: wanted.raw });
  canvas.dataset.key = hash(key);
  try {
    const picture = wanted.target ? await errorMap(wanted) : await load(wanted.source);
    if (canvas.dataset.key !== String(hash(key))) return; // something else is wanted by now
    canvas.picture = picture;
    canvas.dataset.ready = "";
  } catch {
    canvas.picture = null;
  }
  draw(canvas);
}

/** Sources may be megabytes of text; the document need not hold them twice. */
function hash(text) {
  let value = text.length;
  const step = Math.max(1, Math.floor(text.length / 4000));
  for (let i = 0; i < text.length; i += step) value = (value * 31 + text.charCodeAt(i)) | 0;
  return value;
}

function load(source) {
  if (!loaded.has(source)) {
    const picture = new Image();
    picture.src = source;
    loaded.set(
      source,
      picture.decode().then(() => picture),
    );
    if (loaded.size > 600) loaded.delete(loaded.keys().next().value);
  }
  return loaded.get(source);
}

function draw(canvas) {
  if (!canvas.isConnected) {
    cards.delete(canvas);
    sizes.unobserve(canvas);
    return;
  }
  const ratio = devicePixelRatio || 1;
  const side = Math.round(canvas.clientWidth * ratio);
  if (!side) return;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, side, side);
  if (!canvas.picture) {
    context.fillStyle = colour("--muted");
    context.font = `${13 * ratio}px system-ui, sans-serif`;
    context.fillText("cannot be shown", 12, 24 * ratio);
    return;
  }
  context.imageSmoothingEnabled = !canvas.raw;
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas.picture, 0, 0, side, side);
  if (lens.u !== null) drawLens(context, canvas.picture, side, canvas.zoom);
}

/** The square under the lens, so many times larger, without smoothing: pixels as they are. */
function drawLens(context, picture, side, zoom) {
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
  context.lineWidth = 2 * (devicePixelRatio || 1);
  context.strokeStyle = colour("--accent");
  context.strokeRect(x, y, size, size);
}

const maps = new Map();

/** |picture - target|, mean over the colours, from dark (none) to bright (a quarter or more). */
async function errorMap({ source, target }) {
  const key = `${source}|${target}`;
  if (!maps.has(key)) {
    maps.set(
      key,
      Promise.all([load(source), load(target)]).then(([a, b]) => difference(a, b)),
    );
    if (maps.size > 200) maps.delete(maps.keys().next().value);
  }
  return maps.get(key);
}

function difference(picture, target) {
  const [width, height] = [target.width, target.height];
  const [a, b] = [pixels(picture, width, height), pixels(target, width, height)];
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const map = context.createImageData(width, height);
  for (let i = 0; i < a.length; i += 4) {
    const error =
      (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2])) / 765;
    const [red, green, blue] = heat(Math.min(1, error / WORST));
    map.data.set([red, green, blue, 255], i);
  }
  context.putImageData(map, 0, 0);
  return canvas;
}

function pixels(picture, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

const STOPS = [
  [0, 0, 4],
  [81, 18, 124],
  [183, 55, 121],
  [252, 137, 97],
  [252, 253, 191],
];

/** The colour map magma, whose brightness rises evenly, so that it reads without colour too. */
function heat(share) {
  const at = share * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  const [a, b] = [STOPS[low], STOPS[low + 1]];
  return a.map((value, index) => value + (b[index] - value) * (at - low));
}
