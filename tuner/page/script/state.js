// What the reader has chosen. It lives in the page's address, so that a view can be sent as a
// link; choices that are as at first are left out of it.

const text = (fallback) => ({
  fallback,
  read: (all) => all[0],
  write: (value) => [value],
});
const flag = (fallback) => ({
  fallback,
  read: (all) => all[0] === "1",
  write: (value) => [value ? "1" : "0"],
});
const number = (fallback) => ({
  fallback,
  read: (all) => (Number.isFinite(Number(all[0])) ? Number(all[0]) : fallback),
  write: (value) => [String(value)],
});
const list = (fallback = []) => ({
  fallback,
  read: (all) => all.filter((value) => value !== "none"),
  write: (value) => (value.length ? value : ["none"]),
});
const ids = () => ({
  fallback: new Set(),
  read: (all) => new Set(all.flatMap(expand)),
  write: (value) => compress(value),
});

/** Every choice, with its name in the address and what it is at first. */
const CHOICES = {
  tab: text("compare"),
  study: list(),
  ref: text(""),
  trial: text(""),
  pin: { ...list(), read: (all) => all, write: (value) => value },
  colour: list(),
  hide: ids(),
  q: text(""),
  state: list(),
  kind: list(),
  where: list(),
  starred: flag(false),
  sort: text("rank"),
  down: flag(false),
  aside: flag(!matchMedia("(max-width: 600px)").matches), // a phone has room for one of both
  diff: flag(false),
  changes: flag(false),
  scale: text("both"),
  stat: list(["at"]),
  row: list(),
  norow: list(),
  order: list(),
  baselines: flag(true),
  x: text("epoch"),
  log: flag(false),
  logx: flag(false),
  clip: flag(true),
  group: text(""),
  smooth: number(0),
  panel: list(),
  lines: text("auto"),
  image: number(0),
  output: text("both"),
  epoch: number(0),
  map: flag(false),
  signed: flag(false),
  size: text("fit"),
  against: text(""),
  how: text("wipe"),
  worst: flag(false),
  zoom: number(4),
  more: number(0),
  together: flag(true),
  at: list(),
  cost: text(""),
  progress: text("both"),
};

const listeners = new Set();

/** The choices as they are now; change them with `choose`. */
export const view = readAddress(location.hash);

/** Change some choices and the address, and draw the page anew. */
export function choose(changes) {
  const moved = "tab" in changes && changes.tab !== view.tab;
  Object.assign(view, changes);
  const address = writeAddress(view);
  if (address !== location.hash.replace(/^#/, "")) {
    // only another tab is a step that the browser's Back should undo
    history[moved ? "pushState" : "replaceState"](null, "", `#${address}`);
  }
  for (const listener of listeners) listener(changes);
}

/** Call `listener` after every change. */
export function onChoice(listener) {
  listeners.add(listener);
}

/** Note a choice that the page itself has made: in the address, without drawing anything. */
export function note(changes) {
  Object.assign(view, changes);
  const address = writeAddress(view);
  if (address !== location.hash.replace(/^#/, "")) history.replaceState(null, "", `#${address}`);
}

addEventListener("hashchange", followAddress);
addEventListener("popstate", followAddress);

function followAddress() {
  Object.assign(view, readAddress(location.hash));
  for (const listener of listeners) listener({ address: true });
}

/** The choices that an address holds; whatever it does not say is as at first. */
export function readAddress(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const read = ([name, kind]) => [
    name,
    given.has(name) ? kind.read(given.getAll(name)) : copy(kind.fallback),
  ];
  return Object.fromEntries(Object.entries(CHOICES).map(read));
}

/** The address of some choices. */
export function writeAddress(choices) {
  const address = new URLSearchParams();
  for (const [name, kind] of Object.entries(CHOICES)) {
    const written = kind.write(choices[name]);
    if (String(written) === String(kind.write(kind.fallback))) continue;
    for (const value of written) address.append(name, value);
  }
  return address.toString();
}

function copy(value) {
  if (value instanceof Set) return new Set(value);
  return Array.isArray(value) ? [...value] : value;
}

/** `3@step4`, `4@step4`, `9@step4` -> `3-4.9@step4`. */
function compress(trials) {
  const byStudy = new Map();
  for (const id of trials) {
    const [number, study] = splitId(id);
    if (!byStudy.has(study)) byStudy.set(study, []);
    byStudy.get(study).push(number);
  }
  return [...byStudy].map(([study, numbers]) => `${ranges(numbers)}@${study}`);
}

function ranges(numbers) {
  const runs = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([a, b]) => (a === b ? a : `${a}-${b}`)).join(".");
}

function expand(written) {
  const [runs, study] = splitText(written);
  return runs.split(".").flatMap((run) => {
    const [first, last = first] = run.split("-").map(Number);
    // an address is anybody's text: it must not make the page count for ever
    if (!(last >= first && last - first < 100000)) return [];
    return Array.from({ length: last - first + 1 }, (_, i) => `${first + i}@${study}`);
  });
}

function splitId(id) {
  const [number, study] = splitText(id);
  return [Number(number), study];
}

function splitText(text_) {
  const at = text_.indexOf("@");
  return [text_.slice(0, at), text_.slice(at + 1)];
}
