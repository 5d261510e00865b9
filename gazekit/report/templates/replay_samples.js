"use strict";
// How are packed gaze samples opened, and which of them make a trail? Pure functions.
// The other side is gazekit/report/replay/packed.py; both are tested against each other.
const ReplaySamples = (() => {
  const SEEN = 0;
  const STATES = Object.freeze(["seen", "no gaze", "blink"]);

  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // Whole numbers from zigzag varints: seven bits a byte, the low ones first, the top bit says that
  // more follow. Products, not shifts: a gap may be longer than 32 bits of microseconds.
  const integers = (bytes, count) => {
    const values = new Float64Array(count);
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      let value = 0;
      let weight = 1;
      let byte;
      do {
        byte = bytes[at];
        at += 1;
        value += (byte & 127) * weight;
        weight *= 128;
      } while (byte > 127);
      values[i] = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    return values;
  };

  const summed = (values) => {
    for (let i = 1; i < values.length; i += 1) values[i] += values[i - 1];
    return values;
  };

  // One value for each sample from [[first index, value], ...].
  const spread = (runs, count, Kind) => {
    const values = new Kind(count);
    runs.forEach(([first, value], i) => values.fill(value, first, runs[i + 1]?.[0] ?? count));
    return values;
  };

  // Places of the seen samples from their differences in steps; NaN for the others.
  const places = (text, state, seen, stepPx) => {
    const steps = summed(integers(bytesOf(text), seen));
    const placed = new Float32Array(state.length).fill(NaN);
    let next = 0;
    for (let i = 0; i < state.length; i += 1) {
      if (state[i] !== SEEN) continue;
      placed[i] = steps[next] * stepPx;
      next += 1;
    }
    return placed;
  };

  const unpack = (packed) => {
    const state = spread(packed.state_runs, packed.count, Uint8Array);
    return {
      time_us: summed(summed(integers(bytesOf(packed.time), packed.count))),
      state,
      image: spread(packed.image_runs, packed.count, Int16Array),
      x_px: places(packed.x, state, packed.seen, packed.step_px),
      y_px: places(packed.y, state, packed.seen, packed.step_px),
      break_us: packed.break_us,
    };
  };

  // Unbroken stretches [first, end) of seen samples on one image, between two indices. A sample
  // that is missing, or a step in time longer than `break_us`, ends a stretch: nothing bridges it.
  const stretches = (samples, first, end, image) => {
    const found = [];
    let from = -1;
    for (let i = first; i < end; i += 1) {
      const seen = samples.state[i] === SEEN && samples.image[i] === image;
      const broken = i > first && samples.time_us[i] - samples.time_us[i - 1] > samples.break_us;
      if (from >= 0 && (!seen || broken)) {
        found.push([from, i]);
        from = -1;
      }
      if (seen && from < 0) from = i;
    }
    if (from >= 0) found.push([from, end]);
    return found;
  };

  // Those samples of a stretch that lie at least `least` from the one kept before: what is left out
  // cannot be told from it. The first and the last are always kept.
  const thinned = (samples, [first, end], least) => {
    const kept = [first];
    let [x, y] = [samples.x_px[first], samples.y_px[first]];
    for (let i = first + 1; i < end; i += 1) {
      const [dx, dy] = [samples.x_px[i] - x, samples.y_px[i] - y];
      if (dx * dx + dy * dy < least * least && i < end - 1) continue;
      kept.push(i);
      [x, y] = [samples.x_px[i], samples.y_px[i]];
    }
    return kept;
  };

  // The sample that holds at a moment; -1 where the last one is too long ago.
  const sampleAt = (samples, at) => {
    const last = ReplayTime.lastUpTo(samples.time_us, at);
    return last >= 0 && at - samples.time_us[last] <= samples.break_us ? last : -1;
  };

  return Object.freeze({ SEEN, STATES, integers, sampleAt, spread, stretches, thinned, unpack });
})();
