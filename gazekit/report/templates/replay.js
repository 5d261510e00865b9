"use strict";
document.querySelectorAll("[data-replay]").forEach((box) => {
  const reading = JSON.parse(document.querySelector("[data-reading]").textContent);
  const svg = box.querySelector("svg");
  const trail = box.querySelector("[data-trail]");
  const slider = box.querySelector("[data-time]");
  const play = box.querySelector("[data-play]");
  const clock = box.querySelector("[data-clock]");
  const words = Array.from(box.querySelectorAll("[data-word]"));
  const radius = svg.viewBox.baseVal.width / 60;
  const TRAIL_US = 3e6;
  let now = 0;
  let last = null;

  // A circle for each fixation of the last seconds; the one that goes on is filled.
  const draw = () => {
    trail.replaceChildren();
    for (const [from, to, x, y] of reading.fixations) {
      if (x === null || y === null || from > now || to < now - TRAIL_US) continue;
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      const goesOn = now <= to;
      mark.setAttribute("cx", x);
      mark.setAttribute("cy", y);
      mark.setAttribute("r", radius);
      mark.setAttribute("stroke", "#f7e35a");
      mark.setAttribute("stroke-width", radius / 5);
      mark.setAttribute("fill", goesOn ? "#f7e35a" : "none");
      mark.setAttribute("opacity", goesOn ? 0.85 : 1 - (now - to) / TRAIL_US);
      trail.append(mark);
    }
    for (const word of words) {
      const lit = Number(word.dataset.from) <= now && now < Number(word.dataset.to);
      word.classList.toggle("lit", lit);
      word.style.background = lit ? "var(--warn-soft)" : "";
    }
    slider.value = now;
    clock.textContent = `${(now / 1e6).toFixed(1)} s of ${(reading.duration_us / 1e6).toFixed(1)} s`;
  };
  const halt = () => {
    last = null;
    play.textContent = "Play";
  };
  const frame = (at) => {
    if (last === null) return;
    now = Math.min(reading.duration_us, now + Math.max(0, at - last) * 1000);
    last = at;
    draw();
    if (now >= reading.duration_us) halt();
    else requestAnimationFrame(frame);
  };
  play.addEventListener("click", () => {
    if (last !== null) {
      halt();
      return;
    }
    if (now >= reading.duration_us) now = 0;
    last = performance.now();
    play.textContent = "Pause";
    requestAnimationFrame(frame);
  });
  slider.addEventListener("input", () => {
    now = Number(slider.value);
    draw();
  });
  draw();
});
