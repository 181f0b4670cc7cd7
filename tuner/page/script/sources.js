// Where pictures come from: addresses of the server, or blocks of the file that are read only when
// one of their pictures is looked at.
const loaded = new Map(); // source -> promise of a picture
const blocks = new Map(); // identity -> {name: data URI}
const MOST = 800;
const MOST_BLOCKS = 60;

/** The picture of a source, decoded. */
export function load(source) {
  if (!loaded.has(source)) {
    loaded.set(source, fetchPicture(source));
    if (loaded.size > MOST) loaded.delete(loaded.keys().next().value);
  }
  return loaded.get(source);
}

async function fetchPicture(source) {
  const picture = new Image();
  picture.src = source.startsWith("#") ? await fromBlock(source.slice(1)) : source;
  await picture.decode();
  return picture;
}

async function fromBlock(place) {
  const at = place.indexOf("/");
  const [identity, name] = [place.slice(0, at), place.slice(at + 1)];
  if (!blocks.has(identity)) {
    blocks.set(identity, JSON.parse((await elementOf(identity)).textContent));
    if (blocks.size > MOST_BLOCKS) blocks.delete(blocks.keys().next().value);
  }
  return blocks.get(identity)[name];
}

/** The file may be large: what stands at its end comes a little later than the page. */
async function elementOf(identity) {
  while (!document.getElementById(identity) && document.readyState === "loading") {
    await new Promise((done) => setTimeout(done, 50));
  }
  return document.getElementById(identity);
}

/** The pixels of a picture, RGBA, in its own size or another. */
export function pixels(picture, width = picture.width, height = picture.height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}
