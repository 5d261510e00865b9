"use strict";
// The layer of findings: boxes and ellipses with their names, lit while a sentence names them.
const ReplayFindings = (() => {
  // Indices of the findings that are named at a moment.
  const named = (findings, timeUs) =>
    findings.flatMap((one, i) => (one.named.some((span) => ReplayTime.holds(span, timeUs)) ? [i] : []));

  const said = (one) => (one.certainty === null ? one.label : `${one.label}, certainty ${one.certainty}`);

  // Beside a list of the same findings, so that what has no place lights too.
  const open = (box, data) => {
    const items = Array.from(box.querySelectorAll("[data-finding]"));
    return (timeUs) => {
      const lit = new Set(named(data.findings, timeUs));
      items.forEach((item, i) => item.classList.toggle("lit", lit.has(i)));
    };
  };

  return Object.freeze({ named, open, said });
})();
{
  const COLOUR = "#ffb000";
  const EDGE = "#0b0f12";

  const traced = (context, { shape, box: [x0, y0, x1, y1] }) => {
    context.beginPath();
    if (shape === "ellipse") {
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      context.ellipse(x, y, Math.abs(x1 - x0) / 2, Math.abs(y1 - y0) / 2, 0, 0, 2 * Math.PI);
    } else {
      context.rect(x0, y0, x1 - x0, y1 - y0);
    }
  };

  const drawShape = (context, one, lit, scale) => {
    traced(context, one);
    context.setLineDash(one.assertion === "present" ? [] : [6 / scale, 4 / scale]);
    for (const [colour, width] of [[EDGE, lit ? 6 : 3.5], [COLOUR, lit ? 3.5 : 1.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = width / scale;
      context.stroke();
    }
    if (!lit) return;
    context.fillStyle = COLOUR;
    context.globalAlpha = 0.22;
    context.fill();
    context.globalAlpha = 1;
  };

  const apart = (one, other) =>
    one.x1 < other.x0 || other.x1 < one.x0 || one.y1 < other.y0 || other.y1 < one.y0;

  // Above its box, or else below, clear of other boxes and names; where neither is, above.
  const placed = ([x0, y0, , y1], width, height, image, taken) => {
    const x = Math.max(0, Math.min(x0, image.width_px - width));
    const places = [y0 - 1.2 * height, y1 + 0.2 * height].map((y) => {
      const top = Math.max(0, Math.min(y, image.height_px - height));
      return { x0: x, y0: top, x1: x + width, y1: top + height };
    });
    return places.find((place) => taken.every((other) => apart(place, other))) ?? places[0];
  };

  const drawName = (context, one, lit, { scale, size, taken }) => {
    const text = ReplayFindings.said(one);
    context.font = `${lit ? 700 : 600} ${13 / scale}px sans-serif`;
    const place = placed(one.box, context.measureText(text).width, 16 / scale, size, taken);
    taken.push(place);
    context.textBaseline = "top";
    context.lineJoin = "round";
    context.lineWidth = 3.5 / scale;
    context.strokeStyle = EDGE;
    context.fillStyle = COLOUR;
    context.strokeText(text, place.x0, place.y0);
    context.fillText(text, place.x0, place.y0);
  };

  const draw = (context, timeUs, data, view) => {
    const lit = new Set(ReplayFindings.named(data.findings, timeUs));
    const boxes = data.findings.filter((one) => one.box !== null && one.image === view.image);
    const taken = boxes.map(({ box: [x0, y0, x1, y1] }) => ({ x0, y0, x1, y1 }));
    const room = { scale: view.scale, size: data.images[view.image], taken };
    data.findings.forEach((one, i) => {
      if (one.box === null || one.image !== view.image) return;
      context.save();
      drawShape(context, one, lit.has(i), view.scale);
      context.setLineDash([]);
      drawName(context, one, lit.has(i), room);
      context.restore();
    });
  };

  ReplayStage.layers.push({ name: "findings", label: "Findings", shown: true, draw });
}
