// Which trial has which colour. A trial keeps its colour whatever is filtered, hidden, brushed or
// found meanwhile; what a fresh page would choose otherwise stands in the page's address, so that
// a link shows the same.
import { score } from "./model.js";

/** Trials that are told apart by colour at a time; more would look alike. */
export const SLOTS = 8;

let held = new Map(); // trial id -> slot, as it was given last

/**
 * The slots of trials as a Map: those of their own, and `lent` ones. `first` are
 * those that have one at first (`firstOf`), `pinned` the pinned ones in order, `shown` those in sight,
 * `written` the address's choice (`3:12@step4`).
 */
export function paint({ first, pinned, shown, written }) {
  held = assign(wantedOf(first, pinned), first, new Map([...held, ...readColours(written)]));
  return { own: held, lent: lend(held, shown) };
}

/** What the address has to say of the colours; nothing where a fresh page would find the same. */
export function writtenColours({ first, allPinned }) {
  const fresh = assign(wantedOf(first, allPinned), first, new Map());
  const same = fresh.size === held.size && [...fresh].every(([id, slot]) => held.get(id) === slot);
  return same ? [] : [...held].map(([id, slot]) => `${slot}:${id}`).sort();
}

/** The colours with one of them given to a trial; who had it gets that trial's in exchange. */
export function exchanged(id, slot) {
  const next = new Map(held);
  const before = next.get(id);
  const other = [...next].find(([, taken]) => taken === slot)?.[0];
  if (other !== undefined && before === undefined) next.delete(other);
  else if (other !== undefined) next.set(other, before);
  next.set(id, slot);
  held = next;
  return [...next].map(([one, taken]) => `${taken}:${one}`).sort();
}

/** Forget what was given: the address says something else now. */
export function forgetSlots() {
  held = new Map();
}

/**
 * Slots for the wanted trials. Who had one keeps it; the others get that of their place among the
 * `first`, or the last that is free.
 */
export function assign(wanted, first, kept) {
  const slots = new Map();
  const taken = new Set();
  const give = (id, slot) => {
    if (slot === undefined || slot >= SLOTS || taken.has(slot) || slots.has(id)) return;
    slots.set(id, slot);
    taken.add(slot);
  };
  for (const id of wanted) give(id, kept.get(id));
  for (const id of wanted) give(id, first.indexOf(id) < 0 ? undefined : first.indexOf(id));
  const free = Array.from({ length: SLOTS }, (_, slot) => slot).filter((one) => !taken.has(one));
  for (const id of wanted) if (!slots.has(id)) give(id, free.pop());
  return slots;
}

/**
 * Where all that is shown could have a colour, what is not shown lends its own: by number, so that
 * a trial mostly borrows the same one.
 */
function lend(own, shown) {
  const lent = new Map();
  if (shown.length > SLOTS) return lent;
  const taken = new Set(shown.map((trial) => own.get(trial.id)));
  for (const trial of shown) {
    if (own.has(trial.id)) continue;
    const free = Array.from({ length: SLOTS }, (_, step) => (trial.number + step) % SLOTS);
    const slot = free.find((slot) => !taken.has(slot));
    taken.add(slot);
    lent.set(trial.id, slot);
  }
  return lent;
}

/** Up to eight: the pinned ones, then those that a page colours at first. */
function wantedOf(first, pinned) {
  const ids = [...pinned.map((trial) => trial.id), ...first];
  return [...new Set(ids)].slice(0, SLOTS);
}

/** What has a colour at first: the baselines and the best, of all trials. */
export function firstOf(all, ranked) {
  const own = all.filter((trial) => trial.kind !== "confirm");
  const baselines = own.filter((trial) => trial.kind === "baseline");
  const best = own.filter((trial) => score(trial) !== null).sort(ranked);
  const order = [...baselines.slice(0, 1), ...best.slice(0, 3), ...baselines, ...best, ...own];
  return [...new Set(order.map((trial) => trial.id))].slice(0, SLOTS);
}

function readColours(written) {
  const pairs = written.map((text) => /^([0-7]):(.+)$/.exec(text)).filter(Boolean);
  return new Map(pairs.map(([, slot, id]) => [id, Number(slot)]));
}
