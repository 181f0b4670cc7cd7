// Maps of the error of a picture: how large it is, or on which side it lies.
import { load, pixels } from "./sources.js";

export const WORST = 0.15; // the error that is shown strongest, of the range [0, 1]
const maps = new Map();

/** |picture - target| from dark to bright, or signed from blue (too dark) to red (too bright). */
export async function errorMap(source, target, signed) {
  const key = `${source}|${target}|${signed}`;
  if (!maps.has(key)) {
    const made = Promise.all([load(source), load(target)]);
    maps.set(
      key,
      made.then(([a, b]) => difference(a, b, signed)),
    );
    if (maps.size > 200) maps.delete(maps.keys().next().value);
  }
  return maps.get(key);
}

function difference(picture, target, signed) {
  const { width, height } = target;
  const [a, b] = [pixels(picture, width, height), pixels(target, width, height)];
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const map = context.createImageData(width, height);
  for (let i = 0; i < a.length; i += 4) {
    const off = [0, 1, 2].map((c) => (a[i + c] - b[i + c]) / 255);
    const mean = off.reduce((sum, one) => sum + (signed ? one : Math.abs(one)), 0) / 3;
    const shade = signed ? sided(mean / WORST) : heat(Math.min(1, mean / WORST));
    map.data.set([...shade, 255], i);
  }
  context.putImageData(map, 0, 0);
  return canvas;
}

const STOPS = [
  [0, 0, 4],
  [81, 18, 124],
  [183, 55, 121],
  [252, 137, 97],
  [252, 253, 191],
];
const SIDES = [
  [33, 102, 172],
  [146, 197, 222],
  [247, 247, 247],
  [244, 165, 130],
  [178, 24, 43],
];

/** The colour map magma, whose brightness rises evenly, so that it reads without colour too. */
function heat(share) {
  return between(STOPS, share);
}

/** From blue over white to red: -1 to 1. */
function sided(share) {
  return between(SIDES, (Math.min(1, Math.max(-1, share)) + 1) / 2);
}

function between(stops, share) {
  const at = share * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  const [a, b] = [stops[low], stops[low + 1]];
  return a.map((value, index) => value + (b[index] - value) * (at - low));
}
