"use strict";
// What does one recording look like at a moment? The image through a camera, and layers over it.
//
// A layer is an object in `ReplayStage.layers`; they are drawn in the order in which they came:
//   name     its key
//   label    the text beside its box to tick
//   shown    whether it is drawn at first
//   draw(context, timeUs, data, view)
//            draws what `data` (see gazekit/report/replay/data.py) holds at `timeUs`. Units of the
//            context are pixels of the image, (0, 0) its top-left corner. `view.image` is the index
//            of the image that is shown, `view.scale` how many pixels of the page one of the image
//            takes: divide by it what shall be as wide at every zoom. Not called without an image.
//   control(changed, recordings)
//            optional: returns an element with its settings, and calls `changed` to be drawn anew.
//            It is seen while the layer is.
const ReplayStage = (() => {
  const layers = [];
  const NO_IMAGE = -1;
  const LEAST_HIGH = 240;

  const NOTHING = Object.freeze({ image: NO_IMAGE, to_screen: null, clip_px: null });

  const cameraOf = (mode, data, view, room) => {
    if (mode === "reader") return ReplayCamera.asRead(view, data.screen_px, room);
    return ReplayCamera.whole(data.images[view.image], room);
  };

  // The shape of the box: that of the screen, or of the largest image there is.
  const shapeOf = (mode, data) => {
    if (mode === "reader") return data.screen_px;
    const sizes = data.images.map((image) => [image.width_px, image.height_px]);
    return sizes.reduce((best, size) => (size[1] / size[0] > best[1] / best[0] ? size : best));
  };

  // A picture is scaled once for each camera; most moments have the one before them.
  const groundOf = (canvas) => {
    const kept = document.createElement("canvas");
    let key = "";
    return (context, picture, image, camera, density) => {
      const wanted = [picture.alt, canvas.width, canvas.height, ...camera].join();
      if (wanted !== key) {
        const [a, b, c, d, e, f] = camera.map((value) => value * density);
        key = wanted;
        [kept.width, kept.height] = [canvas.width, canvas.height];
        const own = kept.getContext("2d");
        own.setTransform(a, d, b, e, c, f);
        own.drawImage(picture, 0, 0, image.width_px, image.height_px);
      }
      context.save();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.drawImage(kept, 0, 0);
      context.restore();
    };
  };

  const open = (box, data) => {
    const canvas = box.querySelector("canvas");
    const pictures = Array.from(box.querySelectorAll("img"));
    const says = box.querySelector("[data-state]");
    const context = canvas.getContext("2d");
    const hidden = new Set();
    const changes = data.shown.map((view) => view.at_us);
    let mode = "whole";
    let room = [1, 1];
    let tallest = LEAST_HIGH;
    const ground = groundOf(canvas);

    const clip = (view) => {
      if (mode !== "reader" || view.clip_px === null) return;
      const [a, , c, , e, f] = ReplayCamera.fitted(data.screen_px, room);
      const [x0, y0, x1, y1] = view.clip_px;
      context.beginPath();
      context.rect(a * x0 + c, e * y0 + f, a * (x1 - x0), e * (y1 - y0));
      context.clip();
    };

    const draw = (timeUs) => {
      if (canvas.width === 0 || canvas.height === 0) return; // in a window without room
      const view = data.shown[ReplayTime.lastUpTo(changes, timeUs)] ?? NOTHING;
      const density = canvas.width / room[0];
      context.setTransform(density, 0, 0, density, 0, 0);
      context.clearRect(0, 0, room[0], room[1]);
      says.textContent = stateOf(data, timeUs, view);
      if (view.image === NO_IMAGE) return;
      const camera = cameraOf(mode, data, view, room);
      const [a, b, c, d, e, f] = camera;
      const image = data.images[view.image];
      context.save();
      clip(view);
      const picture = pictures[view.image];
      if (picture.complete) ground(context, picture, image, camera, density);
      context.transform(a, d, b, e, c, f);
      const lens = { image: view.image, scale: ReplayCamera.scaleOf(camera) };
      for (const layer of layers) {
        if (hidden.has(layer.name)) continue;
        context.save();
        layer.draw(context, timeUs, data, lens);
        context.restore();
      }
      context.restore();
    };

    // Take the width that there is, and no more height than `most`.
    const fit = (most = tallest) => {
      tallest = Math.max(LEAST_HIGH, most);
      const [wide, high] = shapeOf(mode, data);
      const width = box.clientWidth;
      room = [width, Math.min(tallest, (width * high) / wide)];
      const density = window.devicePixelRatio || 1;
      canvas.width = Math.round(room[0] * density);
      canvas.height = Math.round(room[1] * density);
      canvas.style.height = `${room[1]}px`;
    };

    const show = (name, on) => (on ? hidden.delete(name) : hidden.add(name));
    const look = (name) => {
      mode = name;
      fit();
    };
    for (const picture of pictures) picture.hidden = true;
    canvas.hidden = false;
    for (const layer of layers) show(layer.name, layer.shown);
    return { draw, fit, look, show, loaded: () => Promise.all(pictures.map((p) => p.decode())) };
  };

  // What is known of the gaze at a moment, in words.
  const stateOf = (data, timeUs, view) => {
    if (view.image === NO_IMAGE) return "No image was shown.";
    const name = data.images.length > 1 ? `Image ${view.image + 1} of ${data.images.length}. ` : "";
    if (data.samples === null) return name;
    const at = ReplaySamples.sampleAt(data.samples, timeUs);
    const state = at < 0 ? "no gaze" : ReplaySamples.STATES[data.samples.state[at]];
    return `${name}${state === "seen" ? "Gaze seen." : `${state[0].toUpperCase()}${state.slice(1)}.`}`;
  };

  return Object.freeze({ NO_IMAGE, layers, open });
})();
