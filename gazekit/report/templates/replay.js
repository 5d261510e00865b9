"use strict";
// Puts the parts of a replay together: one clock, and for each recording a stage, words and lanes.
document.querySelectorAll("[data-replay]").forEach((box) => {
  const MARGIN_PX = 56;
  const all = (name) => Array.from(box.querySelectorAll(`[data-${name}]`));
  const recordings = JSON.parse(box.querySelector("[data-recordings]").textContent);
  for (const data of recordings) {
    if (data.samples !== null) data.samples = ReplaySamples.unpack(data.samples);
  }
  const endUs = Number(box.querySelector("[data-time]").max);
  const stages = all("stage").map((stage, i) => ReplayStage.open(stage, recordings[i]));
  const words = all("words").map((list) => ReplayWords.open(list));
  const sound = ReplaySound.open(box.querySelectorAll("audio"));
  const heads = all("head");
  const begun = words.map((list) => list.onsets);
  const onsets = ReplayCompare.onClock(begun, begun.map(() => 0));
  const marks = all("below").map((below, i) => [
    ReplayFindings.open(below, recordings[i]),
    ReplayFrames.open(below),
  ]);

  const drawPart = (i, timeUs) => {
    stages[i].draw(timeUs);
    words[i].draw(timeUs);
    for (const mark of marks[i]) mark(timeUs);
    heads[i].style.left = `${(100 * timeUs) / endUs}%`;
  };
  const clocks = ReplayCompare.open(box, recordings, {
    now: () => player.now(),
    changed: (offsets, end) => {
      onsets.splice(0, onsets.length, ...ReplayCompare.onClock(begun, offsets));
      player.endAt(end);
      player.redraw();
    },
  });
  const draw = (timeUs) => {
    recordings.forEach((_, i) => drawPart(i, clocks.at(i, timeUs)));
    clocks.draw(timeUs);
  };
  const player = ReplayPlayer.open(box, { endUs, onsets, sound, draw });

  const seekIn = (i) => (timeUs) => player.seek(clocks.clockAt(i, timeUs));
  all("lanes").forEach((lanes, i) => {
    ReplayLanes.open(lanes, recordings[i].lanes, endUs, seekIn(i));
    marks[i].push(ReplayLane.open(lanes, recordings[i], endUs, seekIn(i)));
  });
  all("part").forEach((part, i) => {
    part.querySelectorAll("[data-seek]").forEach((button) => {
      button.addEventListener("click", () => seekIn(i)(Number(button.dataset.seek)));
    });
  });
  all("camera").forEach((choice) => {
    choice.addEventListener("change", () => {
      for (const stage of stages) stage.look(choice.value);
      player.redraw();
    });
  });

  if (recordings[0].steps.length > 0) {
    box.querySelector("[data-bar]").append(ReplayLane.legendOf(recordings[0].steps));
  }

  const ticks = box.querySelector("[data-layers]");
  const settings = box.querySelector("[data-settings]");
  for (const layer of ReplayStage.layers) {
    const label = document.createElement("label");
    const tick = document.createElement("input");
    tick.type = "checkbox";
    tick.checked = layer.shown;
    tick.addEventListener("change", () => {
      for (const stage of stages) stage.show(layer.name, tick.checked);
      player.redraw();
    });
    label.append(tick, ` ${layer.label}`);
    ticks.append(label);
    const further = layer.control?.(player.redraw, recordings);
    if (further) {
      further.hidden = !layer.shown;
      tick.addEventListener("change", () => (further.hidden = !tick.checked));
      settings.append(further);
    }
  }

  // The image and the bar under it are seen together.
  const fit = () => {
    const most = window.innerHeight - box.querySelector("[data-bar]").offsetHeight - MARGIN_PX;
    box.style.setProperty("--tallest", `${most}px`);
    for (const stage of stages) stage.fit(most);
    player.redraw();
  };
  new ResizeObserver(fit).observe(box);
  window.addEventListener("resize", fit);
  fit();
  for (const stage of stages) stage.loaded().then(player.redraw);
});
