"use strict";
// How much was looked at where, up to a moment? Pure functions.
// The kernel is that of gazekit/model/heatmap.py; both are tested against each other.
const ReplayKernel = (() => {
  const REACH_SIGMAS = 6;
  const LEAST_SHARE = 0.04;
  const STEPS = 256;

  // A fixation is { onset_us, offset_us, x_px, y_px, sigma_x_px, sigma_y_px }; places may be null.
  const usable = (one, width) =>
    [one.x_px, one.y_px].every(Number.isFinite) && width.every((sigma) => sigma > 0);

  // One degree where it is known, times the degrees asked for; else pixels, the same everywhere.
  const widths = (one, sigma) =>
    sigma.unit === "px"
      ? [sigma.value, sigma.value]
      : [one.sigma_x_px * sigma.value, one.sigma_y_px * sigma.value];

  const profile = (cells, cellPx, at, sigma) => {
    const first = Math.max(0, Math.floor((at - REACH_SIGMAS * sigma) / cellPx));
    const end = Math.min(cells, Math.ceil((at + REACH_SIGMAS * sigma) / cellPx) + 1);
    const values = new Float64Array(Math.max(0, end - first));
    values.forEach((_, i) => {
      const away = ((first + i + 0.5) * cellPx - at) / sigma;
      values[i] = Math.exp(-0.5 * away * away);
    });
    return { first, values };
  };

  const gridOf = ([width, height], most) => {
    const scale = Math.min(1, most / Math.max(width, height));
    return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
  };

  const peakOf = (values) => values.reduce((top, value) => (value > top ? value : top), 0);

  // A map that grows with time. Seconds of looking at the centre of each cell, row by row; of the
  // fixation that goes on, the part that is over counts. Going back in time adds up anew.
  const growing = (fixations, { size, grid, sigma }) => {
    const [rows, columns] = grid;
    const values = new Float64Array(rows * columns);
    const given = new Float64Array(fixations.length);
    const kernels = new Array(fixations.length);
    let shown_us = -Infinity;

    const kernelOf = (i) => {
      if (kernels[i] !== undefined) return kernels[i];
      const one = fixations[i];
      const width = widths(one, sigma);
      kernels[i] = usable(one, width)
        ? {
            across: profile(columns, size[0] / columns, one.x_px, width[0]),
            down: profile(rows, size[1] / rows, one.y_px, width[1]),
          }
        : null;
      return kernels[i];
    };
    const add = (i, seconds) => {
      const kernel = kernelOf(i);
      if (kernel === null) return;
      const { across, down } = kernel;
      down.values.forEach((tall, j) => {
        const start = (down.first + j) * columns + across.first;
        const weight = seconds * tall;
        for (let k = 0; k < across.values.length; k += 1) {
          values[start + k] += weight * across.values[k];
        }
      });
    };
    const until = (now_us) => {
      if (now_us < shown_us) {
        values.fill(0);
        given.fill(0);
      }
      shown_us = now_us;
      fixations.forEach((one, i) => {
        const seconds = Math.max(0, Math.min(now_us, one.offset_us) - one.onset_us) / 1e6;
        if (seconds > given[i]) {
          add(i, seconds - given[i]);
          given[i] = seconds;
        }
      });
      return values;
    };
    return { until };
  };

  const ofAll = (fixations, how) => growing(fixations, how).until(Infinity);

  // 256 steps of red, green, blue and alpha, from few colours. Little looking is clear.
  const paletteOf = (anchors, opacity) => {
    const palette = new Uint8ClampedArray(STEPS * 4);
    for (let i = 0; i < STEPS; i += 1) {
      const share = i / (STEPS - 1);
      const at = share * (anchors.length - 1);
      const low = Math.min(Math.floor(at), anchors.length - 2);
      for (let c = 0; c < 3; c += 1) {
        palette[4 * i + c] = anchors[low][c] + (at - low) * (anchors[low + 1][c] - anchors[low][c]);
      }
      palette[4 * i + 3] = share < LEAST_SHARE ? 0 : 255 * opacity * share ** 0.6;
    }
    return palette;
  };

  const colours = (anchors) => anchors.map((channels) => `rgb(${channels.join(" ")})`);

  // Fill `rgba`, four bytes a cell; what reaches `peak` has the last colour.
  const paint = (rgba, values, peak, palette) => {
    const steps = peak > 0 ? (STEPS - 1) / peak : 0;
    for (let i = 0; i < values.length; i += 1) {
      const step = 4 * Math.min(STEPS - 1, Math.round(values[i] * steps));
      for (let c = 0; c < 4; c += 1) rgba[4 * i + c] = palette[step + c];
    }
  };

  return Object.freeze({ colours, gridOf, growing, ofAll, paint, paletteOf, peakOf });
})();
