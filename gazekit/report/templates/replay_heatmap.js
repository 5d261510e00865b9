"use strict";
// The layer of the heatmap: looking time up to the moment, of a sentence, or of all of it.
{
  const MOST_CELLS = 256;
  const SPANS = { now: "looking so far", sentence: "gaze of this sentence", all: "all of the reading" };
  const opened = new WeakMap();
  const setting = { span: "now", unit: "deg", sigma: 1, opacity: 0.75 };
  let recordings = [];
  let palette = null;
  let version = 0; // of the width: maps of an older one are made anew

  const percent = (share) => `${Math.round(100 * share)} %`;

  const onImage = (fixations, image) => fixations.filter((one) => one.image === image);

  const mapOf = (data, image) => {
    if (!opened.has(data)) opened.set(data, new Map());
    const maps = opened.get(data);
    if (maps.get(image)?.version === version) return maps.get(image);
    const size = [data.images[image].width_px, data.images[image].height_px];
    const grid = ReplayKernel.gridOf(size, MOST_CELLS);
    const how = { size, grid, sigma: { unit: setting.unit, value: setting.sigma } };
    const fixations = onImage(data.fixations, image);
    const whole = ReplayKernel.ofAll(fixations, how);
    const canvas = document.createElement("canvas");
    [canvas.height, canvas.width] = grid;
    const context = canvas.getContext("2d");
    const map = {
      version, how, whole, canvas, context,
      pixels: context.createImageData(grid[1], grid[0]),
      peak: ReplayKernel.peakOf(whole),
      growing: ReplayKernel.growing(fixations, how),
      sentences: new Map(),
    };
    maps.set(image, map);
    return map;
  };

  // One scale for all recordings of the page, so that a colour means the same in each.
  const commonPeak = () => {
    const peaks = recordings.flatMap((data) => data.images.map((_, i) => mapOf(data, i).peak));
    return Math.max(0, ...peaks);
  };

  const ofSentence = (map, data, timeUs, image) => {
    const index = ReplayTime.lastUpTo(data.sentence_onsets_us, timeUs);
    const frame = data.frames.find((one) => one.at === index && one.image === image);
    if (frame === undefined) return null;
    if (!map.sentences.has(frame)) {
      map.sentences.set(frame, ReplayKernel.ofAll(frame.fixations, map.how));
    }
    return map.sentences.get(frame);
  };

  const valuesOf = (map, data, timeUs, image) => {
    if (setting.span === "all") return map.whole;
    if (setting.span === "now") return map.growing.until(timeUs);
    return ofSentence(map, data, timeUs, image);
  };

  const draw = (context, timeUs, data, view) => {
    const map = mapOf(data, view.image);
    const values = valuesOf(map, data, timeUs, view.image);
    if (values === null) return;
    const peak = setting.span === "sentence" ? ReplayKernel.peakOf(values) : commonPeak();
    ReplayKernel.paint(map.pixels.data, values, peak, palette);
    map.context.putImageData(map.pixels, 0, 0);
    context.imageSmoothingQuality = "high";
    context.drawImage(map.canvas, 0, 0, ...map.how.size);
  };

  const bar = () => {
    const swatch = document.createElement("span");
    const stops = ReplayKernel.colours(recordings[0].heat_colours);
    swatch.className = "replay-scale";
    swatch.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    swatch.setAttribute("aria-hidden", "true");
    return swatch;
  };

  const legend = () => {
    const box = document.createElement("span");
    const most = document.createElement("span");
    box.append("Looking at one place: 0 s ", bar(), " ", most);
    const tell = () => {
      const longest = `${commonPeak().toFixed(2)} s`;
      most.textContent = setting.span === "sentence" ? "most of the sentence" : longest;
    };
    return { box, tell };
  };

  // Degrees where every recording knows how large one is, else pixels of the image.
  const ranges = () => {
    const known = recordings.every((data) =>
      data.fixations.every((one) => one.x_px === null || one.sigma_x_px > 0),
    );
    if (known) return { min: 0.25, max: 3, step: 0.05, value: 1, said: (v) => `${v.toFixed(2)}°` };
    const longest = Math.max(...recordings[0].images.map((i) => Math.max(i.width_px, i.height_px)));
    setting.unit = "px";
    const step = Math.max(1, Math.round(longest / 200));
    return { min: step, max: 20 * step, step, value: 5 * step, said: (v) => `${v} image pixels` };
  };

  const control = (changed, given) => {
    recordings = given;
    const width = ranges();
    const { box, tell } = legend();
    const anew = () => {
      palette = ReplayKernel.paletteOf(recordings[0].heat_colours, setting.opacity);
      tell();
      changed();
    };
    const set = (name) => (value) => {
      setting[name] = value;
      if (name === "sigma") version += 1;
      anew();
    };
    const strength = { min: 0.1, max: 1, step: 0.05, value: setting.opacity, said: percent };
    setting.sigma = width.value;
    palette = ReplayKernel.paletteOf(recordings[0].heat_colours, setting.opacity);
    tell();
    return ReplaySettings.group(
      "Heatmap",
      ReplaySettings.choice("Heatmap of", SPANS, setting.span, set("span")),
      ReplaySettings.range("Width (sigma)", width, set("sigma")),
      ReplaySettings.range("Opacity", strength, set("opacity")),
      box,
    );
  };

  ReplayStage.layers.push({ name: "heatmap", label: "Heatmap", shown: false, draw, control });
}
