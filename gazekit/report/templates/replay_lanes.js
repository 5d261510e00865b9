"use strict";
// What happened when? Lanes under the time bar, with a mark for each sentence, event and view.
const ReplayLanes = (() => {
  const LEAST = 0.25; // percent of the bar, so that a moment can be seen

  const markOf = (mark, endUs, seek) => {
    const element = document.createElement("span");
    const until = mark.offset_us ?? mark.onset_us;
    const at = (100 * Math.max(0, mark.onset_us)) / endUs;
    element.className = `replay-mark step-${mark.colour ?? 6}`;
    element.style.left = `${at}%`;
    element.style.width = `${Math.max(LEAST, (100 * Math.min(until, endUs)) / endUs - at)}%`;
    element.title = `${ReplayTime.seconds(mark.onset_us)} s: ${mark.text}`;
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      seek(mark.onset_us);
    });
    return element;
  };

  const laneOf = (lane, endUs, seek) => {
    const row = document.createElement("div");
    const name = document.createElement("span");
    const track = document.createElement("div");
    row.className = "replay-lane";
    name.className = "replay-lane-name";
    name.textContent = lane.label;
    track.className = "replay-track";
    track.append(...lane.marks.map((mark) => markOf(mark, endUs, seek)));
    track.addEventListener("click", (event) => {
      const box = track.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * endUs);
    });
    row.append(name, track);
    return row;
  };

  // Fill an element with lanes; `seek` goes to a moment.
  const open = (box, lanes, endUs, seek) => {
    box.replaceChildren(...lanes.map((lane) => laneOf(lane, endUs, seek)));
  };

  return Object.freeze({ open });
})();
