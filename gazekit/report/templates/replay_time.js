"use strict";
// What holds at a moment, and where does a clock stand? Pure functions: no page is touched.
// Times are microseconds from the onset of a reading; those of the machine are milliseconds.
const ReplayTime = (() => {
  const SPEEDS = Object.freeze([0.25, 0.5, 1, 1.5, 2, 4]);

  // Index of the last of sorted `times` that is not later than `at`; -1 before the first.
  const lastUpTo = (times, at) => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  // First and end (half-open) of the sorted `times` that lie in (from, to].
  const within = (times, from, to) => [lastUpTo(times, from) + 1, lastUpTo(times, to) + 1];

  // Whether [onset, offset) holds a moment; what has no times never does.
  const holds = (span, at) =>
    span.onset_us !== null && span.offset_us !== null && span.onset_us <= at && at < span.offset_us;

  // A clock runs from `from_us`, where it stood at `since_ms`; it halts at `end_us`.
  const reads = (clock, nowMs) => {
    if (!clock.running) return clock.from_us;
    const gone = Math.max(0, nowMs - clock.since_ms) * 1000 * clock.speed;
    return Math.min(clock.end_us, clock.from_us + gone);
  };

  // The same clock, set to `at` now; what else changes is given in `changes`.
  const setTo = (clock, at, nowMs, changes = {}) => ({
    ...clock,
    from_us: Math.min(Math.max(at, 0), clock.end_us),
    since_ms: nowMs,
    ...changes,
  });

  // The next faster (1) or slower (-1) speed; the outermost stays.
  const nextSpeed = (speed, step) => {
    const at = SPEEDS.indexOf(speed) + step;
    return SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)];
  };

  // The onset of the next (1) or the previous (-1) of sorted onsets; null where there is none.
  // One that has just begun counts as where we are, so that "previous" gets past it.
  const neighbour = (onsets, at, step, slackUs = 300000) => {
    if (step > 0) return onsets[lastUpTo(onsets, at) + 1] ?? null;
    return onsets[lastUpTo(onsets, at - slackUs)] ?? null;
  };

  const seconds = (us) => (us / 1e6).toFixed(1);

  return Object.freeze({ SPEEDS, holds, lastUpTo, neighbour, nextSpeed, reads, seconds, setTo, within });
})();
