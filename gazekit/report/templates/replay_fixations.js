"use strict";
// The layer of fixations: numbered discs in order, their area by duration, the present one lit.
const ReplayFixations = (() => {
  const ALL_NUMBERED = 60;
  const EVERY = 5;

  // The one that goes on, -1 between fixations: an end is not part of what it ends.
  const current = (fixations, timeUs) => {
    const last = ReplayTime.lastUpTo(fixations.onsets_us, timeUs);
    return last >= 0 && timeUs < fixations.rows[last].offset_us ? last : -1;
  };

  // First and end of those that have begun and ended not longer ago than `trailUs`.
  const shown = (fixations, timeUs, trailUs) => {
    const end = ReplayTime.lastUpTo(fixations.onsets_us, timeUs) + 1;
    let first = end;
    while (first > 0 && fixations.rows[first - 1].offset_us >= timeUs - trailUs) first -= 1;
    return [first, end];
  };

  // In pixels of the page: the area grows with the duration.
  const radius = (durationUs) => Math.max(4, 5.5 * Math.sqrt(durationUs / 100000));

  const isNumbered = (index, count) =>
    count <= ALL_NUMBERED || index === 0 || index % EVERY === EVERY - 1;

  const sorted = (rows) => ({ rows, onsets_us: rows.map((one) => one.onset_us) });

  return Object.freeze({ current, isNumbered, radius, shown, sorted });
})();
{
  const TRAILS = { 1: "the last second", 3: "the last 3 s", 10: "the last 10 s", Infinity: "all so far" };
  const MARKED_MS = [100, 400, 1000];
  const FILL = "#7fe0a1";
  const LIT = "#ffffff";
  const EDGE = "#0b0f12";
  const opened = new WeakMap();
  let trailUs = 3e6;

  const fixationsOf = (data) => {
    if (!opened.has(data)) opened.set(data, ReplayFixations.sorted(data.fixations));
    return opened.get(data);
  };

  const isOn = (one, image) => one.image === image && one.x_px !== null && one.y_px !== null;

  const stroked = (context, colour, width) => {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  };

  // A line from each to the next; none to or from one without a place.
  const drawWay = (context, rows, view) => {
    context.beginPath();
    rows.slice(1).forEach((one, i) => {
      if (!isOn(one, view.image) || !isOn(rows[i], view.image)) return;
      context.moveTo(rows[i].x_px, rows[i].y_px);
      context.lineTo(one.x_px, one.y_px);
    });
    stroked(context, EDGE, 3 / view.scale);
    stroked(context, FILL, 1.4 / view.scale);
  };

  const drawDisc = (context, one, lit, scale) => {
    const radius = ReplayFixations.radius(one.offset_us - one.onset_us) / scale;
    context.beginPath();
    context.arc(one.x_px, one.y_px, radius, 0, 2 * Math.PI);
    context.globalAlpha = lit ? 0.9 : 0.6;
    context.fillStyle = lit ? LIT : FILL;
    context.fill();
    context.globalAlpha = 1;
    stroked(context, EDGE, 1.2 / scale);
    if (!lit) return;
    context.beginPath();
    context.arc(one.x_px, one.y_px, radius + 3 / scale, 0, 2 * Math.PI);
    stroked(context, EDGE, 4.5 / scale);
    stroked(context, LIT, 2.5 / scale);
  };

  const drawNumber = (context, one, number, scale) => {
    context.font = `700 ${11 / scale}px sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = EDGE;
    context.fillText(String(number), one.x_px, one.y_px);
  };

  // Of the one that goes on: its duration, beside it, on the side where there is room.
  const drawDuration = (context, one, width, scale) => {
    const text = `${Math.round((one.offset_us - one.onset_us) / 1000)} ms`;
    const left = one.x_px > width / 2;
    const away = (ReplayFixations.radius(one.offset_us - one.onset_us) + 8) / scale;
    context.font = `700 ${13 / scale}px sans-serif`;
    context.textAlign = left ? "right" : "left";
    context.lineWidth = 3.5 / scale;
    context.lineJoin = "round";
    context.strokeStyle = EDGE;
    context.strokeText(text, one.x_px + (left ? -away : away), one.y_px);
    context.fillStyle = LIT;
    context.fillText(text, one.x_px + (left ? -away : away), one.y_px);
  };

  const draw = (context, timeUs, data, view) => {
    const fixations = fixationsOf(data);
    const [first, end] = ReplayFixations.shown(fixations, timeUs, trailUs);
    const now = ReplayFixations.current(fixations, timeUs);
    drawWay(context, fixations.rows.slice(first, end), view);
    for (let i = first; i < end; i += 1) {
      const one = fixations.rows[i];
      if (!isOn(one, view.image)) continue;
      drawDisc(context, one, i === now, view.scale);
      if (i === now || ReplayFixations.isNumbered(i, end - first)) {
        drawNumber(context, one, i + 1, view.scale);
      }
    }
    if (now >= 0 && isOn(fixations.rows[now], view.image)) {
      drawDuration(context, fixations.rows[now], data.images[view.image].width_px, view.scale);
    }
  };

  const disc = (ms) => {
    const radius = ReplayFixations.radius(ms * 1000);
    const mark = document.createElement("span");
    mark.className = "replay-disc";
    mark.style.width = `${2 * radius}px`;
    mark.style.height = `${2 * radius}px`;
    mark.setAttribute("aria-hidden", "true");
    return mark;
  };

  const control = (changed) => {
    const legend = document.createElement("span");
    legend.className = "replay-legend";
    legend.append("Area by duration:", ...MARKED_MS.flatMap((ms) => [disc(ms), `${ms} ms`]));
    const trail = ReplaySettings.choice("Fixations of", TRAILS, "3", (chosen) => {
      trailUs = Number(chosen) * 1e6;
      changed();
    });
    return ReplaySettings.group("Fixations", trail, legend);
  };

  ReplayStage.layers.push({ name: "fixations", label: "Fixations", shown: true, draw, control });
}
