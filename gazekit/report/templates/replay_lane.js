"use strict";
// Which step of the review was said when? A lane under the time bar, in colour and in letters.
const ReplayLane = (() => {
  const percentOf = (span, endUs) => {
    const from = Math.min(Math.max(0, span.onset_us), endUs);
    const until = Math.min(Math.max(from, span.offset_us), endUs);
    return { left: (100 * from) / endUs, width: (100 * (until - from)) / endUs };
  };

  const buttonOf = (span, endUs, seek) => {
    const { left, width } = percentOf(span, endUs);
    const button = document.createElement("button");
    const when = `${ReplayTime.seconds(span.onset_us)} to ${ReplayTime.seconds(span.offset_us)} s`;
    button.type = "button";
    button.className = `replay-step step-${span.colour}`;
    button.style.left = `${left}%`;
    button.style.width = `${width}%`;
    button.textContent = span.code;
    button.title = `${span.code} ${span.name}, ${when}`;
    button.setAttribute("aria-label", `${button.title}: go there`);
    button.addEventListener("click", () => seek(span.onset_us));
    return button;
  };

  const spansOf = (data) =>
    data.sentences.flatMap((one) => {
      if (one.step === null || one.onset_us === null) return [];
      const known = data.steps.find((step) => step.code === one.step);
      const { name, colour } = known ?? { name: "not a step of this protocol", colour: 6 };
      return [{ code: one.step, name, colour, onset_us: one.onset_us, offset_us: one.offset_us }];
    });

  // What the letters mean.
  const legendOf = (steps) => {
    const list = document.createElement("ul");
    list.className = "legend replay-letters";
    for (const { code, name, colour } of steps) {
      const item = document.createElement("li");
      const letter = document.createElement("span");
      letter.className = `replay-letter step-${colour}`;
      letter.textContent = code;
      item.append(letter, ` ${name}`);
      list.append(item);
    }
    return list;
  };

  const laneOf = (buttons) => {
    const row = document.createElement("div");
    const name = document.createElement("span");
    const track = document.createElement("div");
    row.className = "replay-lane";
    name.className = "replay-lane-name";
    name.textContent = "Steps";
    track.className = "replay-track replay-steps";
    track.setAttribute("role", "group");
    track.setAttribute("aria-label", "Steps of the review, when they were said");
    track.append(...buttons);
    if (buttons.length === 0) {
      track.classList.add("replay-empty");
      track.append("No sentence has both a step and a time.");
    }
    row.append(name, track);
    return row;
  };

  // Put the lane before the other lanes; return what marks the present step.
  const open = (box, data, endUs, seek) => {
    const spans = spansOf(data);
    const buttons = spans.map((span) => buttonOf(span, endUs, seek));
    box.prepend(laneOf(buttons));
    return (timeUs) => {
      spans.forEach((span, i) => {
        if (ReplayTime.holds(span, timeUs)) buttons[i].setAttribute("aria-current", "true");
        else buttons[i].removeAttribute("aria-current");
      });
    };
  };

  return Object.freeze({ legendOf, open, percentOf });
})();
