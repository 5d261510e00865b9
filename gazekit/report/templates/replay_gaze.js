"use strict";
// The layer of raw gaze: the samples of the last moments as dots and a trail, the latest as a disc.
{
  const LENGTHS = { "0.1": "0.1 s", "0.5": "0.5 s", "1.0": "1 s", "2.0": "2 s", "5.0": "5 s" };
  const BANDS = 6;
  const COLOUR = "#f7e35a";
  const LEAST = 0.75; // pixels of the page
  let lengthUs = 1e6;

  const traced = (context, samples, kept) => {
    context.moveTo(samples.x_px[kept[0]], samples.y_px[kept[0]]);
    for (const i of kept) context.lineTo(samples.x_px[i], samples.y_px[i]);
  };

  const dotted = (context, samples, kept, size) => {
    for (const i of kept) {
      context.rect(samples.x_px[i] - size / 2, samples.y_px[i] - size / 2, size, size);
    }
  };

  // Older shares of the trail are fainter; each joins the one before it at its first sample.
  const drawBand = (context, samples, band, view) => {
    const stretches = ReplaySamples.stretches(samples, band.first, band.end, view.image);
    const kept = stretches.map((one) => ReplaySamples.thinned(samples, one, LEAST / view.scale));
    context.globalAlpha = band.alpha;
    context.beginPath();
    for (const one of kept) traced(context, samples, one);
    context.strokeStyle = "rgba(0, 0, 0, .55)";
    context.lineWidth = 3 / view.scale;
    context.stroke();
    context.strokeStyle = COLOUR;
    context.lineWidth = 1.2 / view.scale;
    context.stroke();
    context.beginPath();
    for (const one of kept) dotted(context, samples, one, 2.2 / view.scale);
    context.fillStyle = COLOUR;
    context.fill();
  };

  const drawNow = (context, samples, at, scale) => {
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(samples.x_px[at], samples.y_px[at], 6 / scale, 0, 2 * Math.PI);
    context.fillStyle = COLOUR;
    context.fill();
    context.strokeStyle = "#0b0f12";
    context.lineWidth = 1.5 / scale;
    context.stroke();
  };

  const draw = (context, timeUs, data, view) => {
    const samples = data.samples;
    if (samples === null) return;
    context.lineJoin = "round";
    for (let i = 0; i < BANDS; i += 1) {
      const oldest = timeUs - lengthUs * (1 - i / BANDS);
      const [first, end] = ReplayTime.within(samples.time_us, oldest, oldest + lengthUs / BANDS);
      const joined = i > 0 && first > 0 ? first - 1 : first;
      const band = { first: joined, end, alpha: (i + 1) / BANDS };
      drawBand(context, samples, band, view);
    }
    const at = ReplaySamples.sampleAt(samples, timeUs);
    if (at < 0 || samples.state[at] !== ReplaySamples.SEEN) return;
    if (samples.image[at] === view.image) drawNow(context, samples, at, view.scale);
  };

  const control = (changed) => {
    const trail = ReplaySettings.choice("Trail", LENGTHS, "1.0", (chosen) => {
      lengthUs = Number(chosen) * 1e6;
      changed();
    });
    return ReplaySettings.group("Gaze samples", trail);
  };

  ReplayStage.layers.push({ name: "gaze", label: "Gaze samples", shown: true, draw, control });
}
