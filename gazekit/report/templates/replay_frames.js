"use strict";
// Which key frame belongs to what is said now? It is marked among the others.
const ReplayFrames = (() => {
  const open = (box) => {
    const frames = Array.from(box.querySelectorAll("[data-frame]"));
    const span = ({ dataset }) => ({ onset_us: Number(dataset.seek), offset_us: Number(dataset.until) });
    return (timeUs) => {
      for (const frame of frames) {
        if (ReplayTime.holds(span(frame), timeUs)) frame.setAttribute("aria-current", "true");
        else frame.removeAttribute("aria-current");
      }
    };
  };

  return Object.freeze({ open });
})();
