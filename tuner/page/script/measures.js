// How close two pictures are: PSNR and SSIM as sr_models.metrics has them, of 8-bit pixels.
const SIGMA = 1.5;
const REACH = 5; // a window of 11 pixels

/** PSNR in dB of two pixel arrays (RGBA); Infinity where they are the same. */
export function psnrOf(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i += 4) {
    for (let c = 0; c < 3; c += 1) sum += ((a[i + c] - b[i + c]) / 255) ** 2;
  }
  return -10 * Math.log10(sum / ((a.length / 4) * 3));
}

/** Mean SSIM over the three colours, where the Gaussian window lies inside. */
export function ssimOf(a, b, width, height) {
  const reach = Math.min(REACH, Math.floor((Math.min(width, height) - 1) / 2));
  const window = gaussian(reach);
  let sum = 0;
  for (let c = 0; c < 3; c += 1) {
    const plane = (of) => Float64Array.from({ length: width * height }, (_, i) => of(i * 4 + c));
    const [x, y] = [plane((i) => a[i] / 255), plane((i) => b[i] / 255)];
    const blurred = (of) => blur(of, width, height, window, reach);
    const times = (p, q) => p.map((value, i) => value * q[i]);
    const [mx, my] = [blurred(x), blurred(y)];
    const [xx, yy, xy] = [blurred(times(x, x)), blurred(times(y, y)), blurred(times(x, y))];
    let mean = 0;
    for (let i = 0; i < mx.length; i += 1) {
      const [vx, vy, cov] = [xx[i] - mx[i] ** 2, yy[i] - my[i] ** 2, xy[i] - mx[i] * my[i]];
      const [c1, c2] = [0.0001, 0.0009];
      const similar = (2 * mx[i] * my[i] + c1) * (2 * cov + c2);
      mean += similar / ((mx[i] ** 2 + my[i] ** 2 + c1) * (vx + vy + c2));
    }
    sum += mean / mx.length;
  }
  return sum / 3;
}

function gaussian(reach) {
  const raw = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * SIGMA ** 2)),
  );
  const sum = raw.reduce((total, value) => total + value, 0);
  return raw.map((value) => value / sum);
}

/** Blurred along rows and columns, without the border that the window does not reach. */
function blur(plane, width, height, window, reach) {
  const [inner, rows] = [width - 2 * reach, height - 2 * reach];
  const across = new Float64Array(inner * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < inner; x += 1) {
      let sum = 0;
      for (let k = 0; k < window.length; k += 1) sum += window[k] * plane[y * width + x + k];
      across[y * inner + x] = sum;
    }
  }
  const found = new Float64Array(inner * rows);
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < inner; x += 1) {
      let sum = 0;
      for (let k = 0; k < window.length; k += 1) sum += window[k] * across[(y + k) * inner + x];
      found[y * inner + x] = sum;
    }
  }
  return found;
}
