// A page as a tree of plain objects, and how the document is brought in line with it. Elements
// are kept wherever they can be, so that focus, scroll positions and open details survive.

const SVG = new Set(["svg", "path", "circle"]);

/** A node: `h("button", {class: "eye", onclick}, "Hide")`. Texts are never read as HTML. */
export function h(tag, props, ...children) {
  const kept = children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false);
  return { tag, props: props ?? {}, children: kept.map((c) => (c.tag ? c : String(c))) };
}

/**
 * Do something once the whole document is as the nodes say, before it is shown: what is measured
 * earlier has not the classes yet of what is around it.
 */
export function afterwards(act) {
  queueMicrotask(act);
}

/** Make the children of `parent` what `nodes` say. */
function patch(parent, nodes) {
  const keyed = new Map();
  for (const child of parent.childNodes) {
    if (child.vkey !== undefined) keyed.set(child.vkey, child);
  }
  let cursor = parent.firstChild;
  for (const node of nodes) {
    const key = node.props?.key;
    let element = key === undefined ? cursor : keyed.get(key);
    if (!fits(element, node)) element = create(node);
    if (element === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(element, cursor);
    update(element, node);
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

/** `patch`, giving the focus back to its element where moving it took it away. */
export function patchRoot(root, nodes) {
  const focused = document.activeElement;
  patch(root, nodes.filter(Boolean));
  if (document.activeElement === document.body && focused?.isConnected) {
    focused.focus({ preventScroll: true });
  }
}

function fits(element, node) {
  if (!element) return false;
  if (typeof node === "string") return element.nodeType === Node.TEXT_NODE;
  return element.localName === node.tag && element.vkey === node.props.key;
}

function create(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const element = SVG.has(node.tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", node.tag)
    : document.createElement(node.tag);
  element.vkey = node.props.key;
  return element;
}

function update(element, node) {
  if (typeof node === "string") {
    if (element.data !== node) element.data = node;
    return;
  }
  const before = element.vprops ?? {};
  for (const name in before) {
    if (!(name in node.props)) assign(element, name, null, before[name]);
  }
  // a select's value can only be set once its options are there
  if (!node.props.own) patch(element, node.children);
  for (const name in node.props) {
    if (node.props[name] !== before[name] || name === "value" || name === "checked") {
      assign(element, name, node.props[name], before[name]);
    }
  }
  element.vprops = node.props;
  node.props.hook?.(element);
}

function assign(element, name, value, before) {
  if (name === "key" || name === "hook" || name === "own") return;
  if (name.startsWith("on")) {
    element[name] = value;
  } else if (name === "value" || name === "checked" || name === "indeterminate") {
    if (element[name] !== value) element[name] = value ?? "";
  } else if (name === "style") {
    for (const key in before ?? {})
      if (!value || !(key in value)) element.style.removeProperty(key);
    for (const key in value ?? {}) element.style.setProperty(key, value[key]);
  } else if (value === null || value === undefined || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}
