// Colours and signs: what tells trials and states apart, never by colour alone.

/** A sign for each state, the same in lists, tables and charts. */
export const STATES = {
  running: { sign: "▸", word: "running" },
  complete: { sign: "●", word: "complete" },
  stopped: { sign: "○", word: "stopped" },
  failed: { sign: "✕", word: "failed" },
  interrupted: { sign: "‖", word: "interrupted" },
};

const cache = new Map();

/** A colour of the style sheet, by the name of its property (`--accent`). */
export function colour(name) {
  if (!cache.has(name)) {
    cache.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }
  return cache.get(name);
}

/** Read the colours again: the theme has changed. */
export function forgetColours() {
  cache.clear();
}

/** The colour of a slot; trials without one are grey. */
export function slotColour(slot) {
  return slot === null ? colour("--other") : colour(`--trial-${slot}`);
}

/** A colour between two others, `share` from 0 to 1; both as `#rrggbb`. */
export function mix(from, to, share) {
  const part = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) =>
    Math.round(part(from, at) + (part(to, at) - part(from, at)) * share),
  );
  return `rgb(${mixed.join(" ")})`;
}

/** Draw the sign of a trial's state at a point: filled, hollow, a cross or bars. */
export function drawMark(context, state, x, y, size, shade) {
  context.save();
  context.setLineDash([]);
  context.fillStyle = context.strokeStyle = shade;
  context.lineWidth = 1.5;
  context.beginPath();
  if (state === "failed") {
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y + size);
    context.moveTo(x + size, y - size);
    context.lineTo(x - size, y + size);
    context.stroke();
  } else if (state === "running") {
    context.moveTo(x - size, y - size);
    context.lineTo(x + size, y);
    context.lineTo(x - size, y + size);
    context.closePath();
    context.fill();
  } else if (state === "interrupted") {
    context.fillRect(x - size, y - size, size * 0.7, 2 * size);
    context.fillRect(x + size * 0.3, y - size, size * 0.7, 2 * size);
  } else {
    context.arc(x, y, size, 0, 2 * Math.PI);
    if (state === "stopped") {
      context.fillStyle = colour("--surface");
      context.fill();
      context.stroke();
    } else {
      context.fill();
    }
  }
  context.restore();
}
