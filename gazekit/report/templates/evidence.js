"use strict";
document.querySelectorAll("[data-evidence]").forEach((box) => {
  const said = Array.from(box.querySelectorAll("[data-sentence]"));
  const stops = Array.from(box.querySelectorAll("[data-stop]"));
  const drawn = Array.from(box.querySelectorAll("[data-drawn-stop]"));
  const legs = Array.from(box.querySelectorAll("[data-leg]"));
  const play = box.querySelector("[data-play]");
  const says = box.querySelector("[data-says]");
  let timer = null;
  const light = (number) => {
    box.querySelectorAll("[data-lights]").forEach((mark) => {
      mark.classList.toggle("lit", mark.dataset.lights === number);
    });
    said.forEach((one) => one.classList.toggle("lit", one.dataset.sentence === number));
  };
  const halt = () => {
    clearTimeout(timer);
    timer = null;
    play.textContent = "Play the inspection";
  };
  const clear = () => {
    halt();
    light(null);
    drawn.concat(legs).forEach((mark) => mark.classList.remove("seen", "now"));
    says.textContent = "";
  };
  const tell = (one) => {
    if (timer !== null) return;
    light(one.dataset.sentence);
    says.textContent = `Evidence of sentence ${one.dataset.sentence}.`;
  };
  const visit = (place) => {
    const stop = stops[place];
    light(stop.dataset.of);
    drawn.forEach((mark, i) => {
      mark.classList.toggle("seen", i <= place);
      mark.classList.toggle("now", i === place);
    });
    legs.forEach((leg, i) => leg.classList.toggle("seen", i < place));
    says.textContent = stop.dataset.says;
    const next = place + 1 < stops.length ? () => visit(place + 1) : halt;
    timer = setTimeout(next, Number(stop.dataset.lasts));
  };
  said.forEach((one) => {
    one.addEventListener("pointerenter", () => tell(one));
    one.addEventListener("focus", () => tell(one));
  });
  play.addEventListener("click", () => {
    const running = timer !== null;
    if (running) return halt();
    clear();
    visit(0);
    play.textContent = "Stop";
  });
  box.querySelector("[data-clear]").addEventListener("click", clear);
  const open = said.find((one) => `#${one.id}` === location.hash);
  if (open) tell(open);
});
