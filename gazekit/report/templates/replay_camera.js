"use strict";
// Where does a point of the image lie in the box on the page? Pure functions.
// A map is (a, b, c, d, e, f): x' = a x + b y + c, y' = d x + e y + f, as in a session's views.
const ReplayCamera = (() => {
  const after = ([a, b, c, d, e, f], [g, h, i, j, k, l]) => [
    a * g + b * j, a * h + b * k, a * i + b * l + c,
    d * g + e * j, d * h + e * k, d * i + e * l + f,
  ];

  // A rectangle of `size` in the middle of a box of `room`, as large as fits.
  const fitted = (size, room) => {
    const scale = Math.min(room[0] / size[0], room[1] / size[1]);
    return [scale, 0, (room[0] - scale * size[0]) / 2, 0, scale, (room[1] - scale * size[1]) / 2];
  };

  // The whole image.
  const whole = (image, room) => fitted([image.width_px, image.height_px], room);

  // The image as the reader had it: through the view that held, on the whole screen.
  const asRead = (view, screenPx, room) => after(fitted(screenPx, room), view.to_screen);

  // How many pixels of the box one of the image takes: the square root of the area it covers.
  const scaleOf = ([a, b, , d, e]) => Math.sqrt(Math.abs(a * e - b * d));

  const applied = ([a, b, c, d, e, f], x, y) => [a * x + b * y + c, d * x + e * y + f];

  return Object.freeze({ after, applied, asRead, fitted, scaleOf, whole });
})();
