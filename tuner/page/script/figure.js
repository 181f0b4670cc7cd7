// One row of pictures as a figure for a paper: crops side by side, the recorded scores below each.
import { announce } from "./controls.js";
import { saveFile } from "./files.js";
import { load } from "./sources.js";

const SIDE = 240; // least side of a crop, in pixels
const GAP = 8;
const TEXT = 46;
const SHARE = 0.42; // of the picture's side, as the lens shows

/** Save a row, whole or the square around `place` ({u, v}); `cells` are {title, source, scores}. */
export async function saveFigure(name, cells, target, place) {
  const aim = target && (await load(target));
  const pictures = await Promise.all(cells.map(({ source }) => load(source)));
  const frame = aim ?? pictures.at(-1);
  const crop = cropOf(frame, place);
  const times = Math.max(1, Math.ceil(SIDE / crop.side));
  const side = crop.side * times;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, {
    width: cells.length * (side + GAP) + GAP,
    height: side + 2 * GAP + TEXT,
  });
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textAlign = "center";
  context.imageSmoothingEnabled = false; // whole multiples: pixels as they are
  pictures.forEach((picture, index) => {
    const x = GAP + index * (side + GAP);
    const scale = picture.width / frame.width;
    const part = [crop.x, crop.y, crop.side, crop.side].map((value) => value * scale);
    context.drawImage(picture, ...part, x, GAP, side, side);
    context.fillStyle = "#000000";
    context.font = "600 15px sans-serif";
    context.fillText(cells[index].title, x + side / 2, side + GAP + 20, side);
    context.font = "14px sans-serif";
    context.fillText(cells[index].scores ?? "", x + side / 2, side + GAP + 40, side);
  });
  canvas.toBlob((blob) => {
    saveFile(blob, `${name.replace(/[^\w.-]+/g, "-")}.png`);
    announce("Saved as a figure");
  });
}

/** A square in whole pixels. */
function cropOf({ width, height }, place) {
  if (!place) return { x: 0, y: 0, side: Math.min(width, height) };
  const side = Math.max(8, Math.round(Math.min(width, height) * SHARE));
  const within = (middle, length) =>
    Math.round(Math.min(length - side, Math.max(0, middle * length - side / 2)));
  return { x: within(place.u, width), y: within(place.v, height), side };
}
