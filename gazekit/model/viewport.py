"""The viewer's arithmetic: fit, zoom about a point, pan, grey window; pure, no window needed.

The screen and a simulated reader share it, so that a view state means the same everywhere.
"""

from dataclasses import dataclass, replace

from gazekit.model.errors import DataError
from gazekit.model.geometry import Affine
from gazekit.model.records import ImageRecord, ViewState

__all__ = ["MAX_ZOOM", "Viewport"]

MAX_ZOOM = 16.0
"""Screen pixels per image pixel, at most."""

_LEAST_OF_FIT = 0.25
"""Zooming out stops at a quarter of the fitting size, or at 1:1 where that is smaller."""


@dataclass(frozen=True)
class Viewport:
    """An image seen through a rectangle of the screen.

    Parameters
    ----------
    image
        What is shown.
    area_px
        x0, y0, x1, y1 of the viewer's rectangle on the screen, in screen pixels.
    zoom
        Screen pixels per image pixel.
    centre_px
        The image point in the middle of the rectangle, in image pixels.
    low, high
        Grey window in display values.
    """

    image: ImageRecord
    area_px: tuple[float, float, float, float]
    zoom: float
    centre_px: tuple[float, float]
    low: float
    high: float
    inverted: bool = False

    @classmethod
    def fit(cls, image: ImageRecord, area_px: tuple[float, float, float, float]) -> "Viewport":
        """Show the whole image, centred, as large as the rectangle allows."""
        x0, y0, x1, y1 = area_px
        if x1 <= x0 or y1 <= y0:
            raise DataError("the viewer's rectangle is empty", found=area_px)
        return cls(
            image=image,
            area_px=area_px,
            zoom=min((x1 - x0) / image.width_px, (y1 - y0) / image.height_px),
            centre_px=(image.width_px / 2, image.height_px / 2),
            low=image.window_low,
            high=image.window_high,
        )

    @property
    def middle_px(self) -> tuple[float, float]:
        """The middle of the rectangle, in screen pixels."""
        x0, y0, x1, y1 = self.area_px
        return (x0 + x1) / 2, (y0 + y1) / 2

    @property
    def affine(self) -> Affine:
        """Image pixels to screen pixels."""
        return Affine.of_view(self.zoom, self.centre_px, self.middle_px)

    @property
    def shown_px(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 of the part of the image inside the rectangle, in image pixels."""
        (x0, x1), (y0, y1) = self.affine.undo(
            [self.area_px[0], self.area_px[2]], [self.area_px[1], self.area_px[3]]
        )
        width, height = self.image.width_px, self.image.height_px
        return (
            float(min(max(x0, 0), width)),
            float(min(max(y0, 0), height)),
            float(min(max(x1, 0), width)),
            float(min(max(y1, 0), height)),
        )

    def refit(self) -> "Viewport":
        """Show the whole image again; the grey window stays."""
        fitted = Viewport.fit(self.image, self.area_px)
        return replace(self, zoom=fitted.zoom, centre_px=fitted.centre_px)

    def zoomed_about(self, x_px: float, y_px: float, factor: float) -> "Viewport":
        """Zoom by `factor`; the image point under screen point (x_px, y_px) stays under it."""
        # One screen pixel for each of the image can always be had, however small the image is.
        least = min(_LEAST_OF_FIT * Viewport.fit(self.image, self.area_px).zoom, 1.0)
        zoom = min(max(self.zoom * factor, least), max(MAX_ZOOM, least))
        fixed_x, fixed_y = self.affine.undo(x_px, y_px)
        mid_x, mid_y = self.middle_px
        centre = (
            float(fixed_x) - (x_px - mid_x) / zoom,
            float(fixed_y) - (y_px - mid_y) / zoom,
        )
        return replace(self, zoom=zoom, centre_px=self._held(centre))

    def panned(self, dx_px: float, dy_px: float) -> "Viewport":
        """Move the image by (dx_px, dy_px) screen pixels; its point never leaves the middle."""
        x, y = self.centre_px
        return replace(self, centre_px=self._held((x - dx_px / self.zoom, y - dy_px / self.zoom)))

    def windowed(self, low: float, high: float) -> "Viewport":
        """Set the grey window; `high` is kept above `low`."""
        return replace(self, low=low, high=max(high, low + 1.0))

    def state(
        self,
        time_us: int,
        *,
        reading_id: str | None = None,
        input_us: int | None = None,
        cause: str | None = None,
    ) -> ViewState:
        """Return the record of this view, shown from `time_us` on."""
        return ViewState(
            time_us=time_us,
            image_id=self.image.image_id,
            image_to_screen=self.affine.values,
            clip_px=self.area_px,
            window_low=self.low,
            window_high=self.high,
            inverted=self.inverted,
            reading_id=reading_id,
            input_us=input_us,
            cause=cause,
        )

    def _held(self, centre: tuple[float, float]) -> tuple[float, float]:
        """Keep the middle of the rectangle on the image, so that it cannot be lost."""
        return (
            min(max(centre[0], 0.0), float(self.image.width_px)),
            min(max(centre[1], 0.0), float(self.image.height_px)),
        )
