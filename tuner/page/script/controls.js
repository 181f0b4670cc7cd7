// The few kinds of buttons and menus that the page is made of.
import { h } from "./dom.js";
import { visible } from "./format.js";

const PATHS = {
  eye: "M1.5 8s2.4-4.5 6.5-4.5S14.5 8 14.5 8 12.1 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  closed: "M1.5 8s2.4-4.5 6.5-4.5S14.5 8 14.5 8 12.1 12.5 8 12.5 1.5 8 1.5 8zM3 13.5 13 2.5",
  pin: "M6 1.8h4l-.6 4.4 2.4 2.3H4.2l2.4-2.3zM8 8.5v5.7",
  target:
    "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM8 .8v3M8 12.2v3M.8 8h3M12.2 8h3",
  list: "M2 4h12M2 8h12M2 12h12",
  theme: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
  link: "M6.5 9.5l3-3M7 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L5 7.5",
  print: "M4.5 6V2h7v4M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7V14h-7z",
  up: "M8 12.5v-9M4 7l4-4 4 4",
  down: "M8 3.5v9M4 9l4 4 4-4",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  star: "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z",
  sort: "M5 2.5v11M2.5 11 5 13.5 7.5 11M11 13.5v-11M8.5 5 11 2.5 13.5 5",
};

/** A small drawing of lines; the button around it carries the name. */
function icon(name) {
  const attributes = { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" };
  return h("svg", attributes, h("path", { d: PATHS[name] }));
}

/** A button that shows only an icon, named for those who cannot see it. */
export function iconButton(name, label, onclick, props = {}) {
  const attributes = { type: "button", class: "icon-button", title: label, "aria-label": label };
  return h("button", { ...attributes, onclick, ...props }, icon(name));
}

/** A switch that is on or off. */
export function toggle(label, on, change, props = {}) {
  const attributes = { type: "button", class: "toggle", "aria-pressed": String(on) };
  return h("button", { ...attributes, onclick: () => change(!on), ...props }, label);
}

/** One of several: `options` are [value, label]. */
export function oneOf(label, options, value, pick) {
  return h(
    "div",
    { class: "one-of", role: "group", "aria-label": label },
    h("span", { class: "one-of-label", "aria-hidden": "true" }, label),
    options.map(([option, text]) => toggle(text, option === value, () => pick(option))),
  );
}

/** Any of several; `pick` gets the list with one added or taken away. */
export function anyOf(label, options, values, pick) {
  const change = (option) =>
    pick(values.includes(option) ? values.filter((v) => v !== option) : [...values, option]);
  return h(
    "div",
    { class: "one-of", role: "group", "aria-label": label },
    h("span", { class: "one-of-label", "aria-hidden": "true" }, label),
    options.map(([option, text]) => toggle(text, values.includes(option), () => change(option))),
  );
}

/** A choice out of a longer list: `options` are [value, label] or {label, options}. */
export function pickFrom(label, options, value, pick, props = {}) {
  const option = ([key, text]) => h("option", { value: key, key }, text);
  return h(
    "select",
    { "aria-label": label, value, onchange: (event) => pick(event.target.value), ...props },
    options.map((one) =>
      Array.isArray(one)
        ? option(one)
        : h("optgroup", { label: one.label }, one.options.map(option)),
    ),
  );
}

/** A box with a tick. */
export function tick(label, on, change, props = {}) {
  return h(
    "label",
    { class: "tick", ...props },
    h("input", {
      type: "checkbox",
      checked: on,
      onchange: (event) => change(event.target.checked),
    }),
    h("span", {}, label),
  );
}

/** A panel that opens below its button, and closes on Escape or a click elsewhere. */
export function menu(label, props, ...children) {
  return h(
    "details",
    { class: "menu", ...props, onkeydown: closeOnEscape, ontoggle: keepInSight },
    h("summary", {}, label),
    h("div", { class: "menu-panel" }, children),
  );
}

/** A panel near the right edge opens to the left. */
function keepInSight({ currentTarget: details }) {
  const panel = details.querySelector(".menu-panel");
  panel.style.removeProperty("left");
  const beyond = panel.getBoundingClientRect().right - (innerWidth - 8);
  if (beyond > 0) panel.style.setProperty("left", `${-beyond}px`);
}

function closeOnEscape(event) {
  if (event.key !== "Escape") return;
  event.currentTarget.open = false;
  event.currentTarget.querySelector("summary").focus();
}

addEventListener("pointerdown", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

const announcement = { text: "", timer: 0 };

/** Say something briefly, to eyes and to screen readers. */
export function announce(text) {
  const place = document.getElementById("announcement");
  announcement.text = text;
  if (place) place.textContent = text;
  clearTimeout(announcement.timer);
  announcement.timer = setTimeout(() => {
    announcement.text = "";
    if (place) place.textContent = "";
  }, 4000);
}

/** Put text on the clipboard, also where the page has no right to the newer way. */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    const focused = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus();
  }
  announce(`${what} copied`);
}

/** A text to be copied: a command, a file, a traceback. */
export function code(text, what) {
  return h(
    "div",
    { class: "code" },
    h(
      "pre",
      { tabindex: "0", role: "group", "aria-label": what },
      text.split("\n").map(visible).join("\n"),
    ),
    h(
      "button",
      { type: "button", "aria-label": `Copy: ${what}`, onclick: () => copyText(text, what) },
      "Copy",
    ),
  );
}
