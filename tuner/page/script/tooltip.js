// A few lines of text beside the pointer or the point that the keyboard is on.

/**
 * Show `lines` (the first one bold) and `rows` ({slot, name, text, lit}) near a point of the
 * window; nothing where there is neither.
 */
export function tooltip(said, at) {
  const place = document.getElementById("tooltip");
  if (!place) return;
  place.hidden = said === null;
  if (said === null) return;
  const { lines = [], rows = [] } = said;
  place.replaceChildren(...lines.map(lineOf), ...(rows.length ? [tableOf(rows)] : []));
  const { offsetWidth: width, offsetHeight: height } = place;
  const x = at.x + 14 + width > innerWidth ? at.x - width - 10 : at.x + 14;
  const y = Math.min(at.y + 14, innerHeight - height - 8);
  place.style.setProperty("left", `${Math.max(4, x)}px`);
  place.style.setProperty("top", `${Math.max(4, y)}px`);
}

/** Say to screen readers what the keyboard is on. */
export function readOut(text) {
  const place = document.getElementById("reading");
  if (place && place.textContent !== text) place.textContent = text;
}

function lineOf(text, index) {
  return element(index ? "div" : "strong", "", text);
}

function tableOf(rows) {
  const table = element("div", "tooltip-rows");
  for (const { slot, name, text, lit } of rows) {
    const row = element("div", lit ? "lit" : "");
    const swatch = element("span", `swatch ${slot === null ? "other" : `slot-${slot}`}`);
    row.append(swatch, element("span", "name", name), element("span", "value", text));
    table.append(row);
  }
  return table;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
