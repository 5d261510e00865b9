"use strict";
// Where does each of several recordings stand? All at one time from its own start, or each apart.
const ReplayCompare = (() => {
  // The moment of a recording that is `offsetUs` ahead of the page's clock, within what there is.
  const timeOf = (timeUs, offsetUs, durationUs) =>
    Math.min(Math.max(timeUs + offsetUs, 0), durationUs);

  // When the page's clock has played all of every recording.
  const endOf = (durationsUs, offsetsUs) =>
    Math.max(...durationsUs.map((durationUs, i) => durationUs - offsetsUs[i]));

  // Moments of all recordings on the page's clock, sorted.
  const onClock = (timesUs, offsetsUs) =>
    timesUs.flatMap((times, i) => times.map((at) => at - offsetsUs[i])).sort((a, b) => a - b);

  // `offsets` is changed in place; `changed` is called then, and `now` gives the page's clock.
  const open = (box, recordings, { now, changed }) => {
    const durations = recordings.map((one) => one.duration_us);
    const offsets = recordings.map(() => 0);
    const bars = Array.from(box.querySelectorAll("[data-own-time]"));
    const choice = box.querySelector("[data-clocks]");

    const told = () => changed(offsets, endOf(durations, offsets));
    choice?.addEventListener("change", () => {
      const apart = choice.value === "own";
      for (const bar of bars) bar.disabled = !apart;
      if (!apart) offsets.fill(0);
      told();
    });
    bars.forEach((bar, i) => {
      bar.addEventListener("input", () => {
        offsets[i] = Math.min(Number(bar.value), durations[i]) - now();
        told();
      });
    });

    const at = (i, timeUs) => timeOf(timeUs, offsets[i], durations[i]);
    const draw = (timeUs) => {
      bars.forEach((bar, i) => {
        const own = at(i, timeUs);
        const over = own >= durations[i] ? ", over" : "";
        bar.value = own;
        bar.setAttribute("aria-valuetext", `${ReplayTime.seconds(own)} s${over}`);
      });
    };
    return { at, clockAt: (i, timeUs) => timeUs - offsets[i], draw };
  };

  return Object.freeze({ endOf, onClock, open, timeOf });
})();
