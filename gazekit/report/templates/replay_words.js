"use strict";
// Which word is said at a moment? Words light from onset to offset; without a time they never do.
const ReplayWords = (() => {
  const spanOf = (element) => ({
    onset_us: Number(element.dataset.from),
    offset_us: Number(element.dataset.to),
    element,
  });

  // Only what the list itself scrolls is moved, never the page.
  const brought = (list, item) => {
    const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
    const out = inner.top < outer.top || inner.bottom > outer.bottom;
    if (out) list.scrollTop += inner.top - outer.top - outer.height / 3;
  };

  const open = (list) => {
    const words = Array.from(list.querySelectorAll("[data-word]"), spanOf);
    const sentences = Array.from(list.querySelectorAll("[data-sentence]"), spanOf);
    let current = null;

    const draw = (timeUs) => {
      for (const word of words) word.element.classList.toggle("lit", ReplayTime.holds(word, timeUs));
      const now = sentences.findLast((one) => one.onset_us <= timeUs)?.element ?? null;
      if (now === current) return;
      current?.removeAttribute("aria-current");
      now?.setAttribute("aria-current", "true");
      if (now !== null) brought(list, now);
      current = now;
    };
    return { draw, onsets: sentences.map((one) => one.onset_us) };
  };

  return Object.freeze({ open });
})();
