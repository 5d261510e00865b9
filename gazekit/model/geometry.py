"""Where a point lies: screen px <-> mm <-> degrees, and screen px <-> image px through a view.

Pixel coordinates are continuous: (0, 0) is the top-left corner of the top-left pixel, and the
pixel in column i and row j has its centre at (i + 0.5, j + 0.5). Screen and image alike. NaN in,
NaN out, everywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gazekit.model.errors import DataError
from gazekit.model.records import ScreenRecord, ViewState

__all__ = [
    "Affine",
    "ViewTrack",
    "angle_deg",
    "check_screen",
    "image_px_per_degree",
    "mm_to_screen_px",
    "screen_px_per_degree",
    "screen_px_to_mm",
]

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Affine:
    """``x' = a x + b y + c``, ``y' = d x + e y + f``; invertible.

    Raises
    ------
    DataError
        The map is not finite or has no inverse.
    """

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def __post_init__(self) -> None:
        """Refuse a map that cannot be undone."""
        if not np.isfinite(self.values).all() or self.determinant == 0:
            raise DataError("the view has no inverse", found=self.values)

    @property
    def values(self) -> tuple[float, float, float, float, float, float]:
        """The six numbers, row by row."""
        return (self.a, self.b, self.c, self.d, self.e, self.f)

    @property
    def determinant(self) -> float:
        """Area of the image of a unit square, signed."""
        return self.a * self.e - self.b * self.d

    @classmethod
    def of_view(cls, zoom: float, centre: tuple[float, float], at: tuple[float, float]) -> "Affine":
        """Return the view that shows image point `centre` at screen point `at`, `zoom` times."""
        return cls(zoom, 0.0, at[0] - zoom * centre[0], 0.0, zoom, at[1] - zoom * centre[1])

    def apply(self, x: ArrayLike, y: ArrayLike) -> tuple[_Floats, _Floats]:
        """Map points; float64, shapes of `x` and `y` broadcast."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def undo(self, x: ArrayLike, y: ArrayLike) -> tuple[_Floats, _Floats]:
        """Map points back; the inverse of `apply`."""
        x = np.asarray(x, np.float64) - self.c
        y = np.asarray(y, np.float64) - self.f
        det = self.determinant
        return (self.e * x - self.b * y) / det, (self.a * y - self.d * x) / det

    def after(self, first: "Affine") -> "Affine":
        """Return the map that does `first`, then this one."""
        a, b, c, d, e, f = self.a, self.b, self.c, self.d, self.e, self.f
        return Affine(
            a * first.a + b * first.d,
            a * first.b + b * first.e,
            a * first.c + b * first.f + c,
            d * first.a + e * first.d,
            d * first.b + e * first.e,
            d * first.c + e * first.f + f,
        )

    def inverse(self) -> "Affine":
        """Return the map back."""
        det = self.determinant
        a, b, d, e = self.e / det, -self.b / det, -self.d / det, self.a / det
        return Affine(a, b, -(a * self.c + b * self.f), d, e, -(d * self.c + e * self.f))

    def inverse_scale(self) -> tuple[float, float]:
        """Image pixels per screen pixel, (along image x, along image y).

        The length of the gradient of image x, and of image y, over the screen: for a view
        without rotation just 1/|a| and 1/|e|.
        """
        det = abs(self.determinant)
        return float(np.hypot(self.e, self.b) / det), float(np.hypot(self.a, self.d) / det)


class ViewTrack:
    """The view states of one recording, in time order: which view holds when, and what it shows.

    Parameters
    ----------
    states
        View states sorted by `time_us`; each holds until the next one.

    Raises
    ------
    DataError
        Times go backwards, or a view has no inverse.
    """

    def __init__(self, states: tuple[ViewState, ...]) -> None:
        self.states = states
        self._times = np.array([state.time_us for state in states], np.int64)
        if (np.diff(self._times) < 0).any():
            row = int(np.flatnonzero(np.diff(self._times) < 0)[0]) + 1
            raise DataError("view states go back in time", where=f"view state {row}")
        self._views = [
            None if s.image_to_screen is None else Affine(*s.image_to_screen) for s in states
        ]

    def __len__(self) -> int:
        """Count the states."""
        return len(self.states)

    def index_at(self, time_us: ArrayLike) -> NDArray[np.int64]:
        """Return which state holds at each time, -1 before the first; int64, shape kept."""
        times = np.asarray(time_us, np.int64)
        return np.searchsorted(self._times, times, side="right").astype(np.int64) - 1

    def view(self, index: int) -> Affine | None:
        """Return image -> screen of state `index`, None where no image was shown."""
        return self._views[index] if index >= 0 else None

    def to_image(
        self, time_us: ArrayLike, x_px: ArrayLike, y_px: ArrayLike
    ) -> tuple[_Floats, _Floats, NDArray[np.int64]]:
        """Map screen px to image px through the view that held at each moment.

        Parameters
        ----------
        time_us, x_px, y_px
            Shape (n,); int64 microseconds and screen pixels.

        Returns
        -------
        x, y
            float64, shape (n,), image pixels; may lie off the image; NaN where no image was
            shown or the input is NaN.
        index
            int64, shape (n,): the view state, -1 before the first.
        """
        index = self.index_at(time_us)
        x, y = np.asarray(x_px, np.float64), np.asarray(y_px, np.float64)
        out_x, out_y = np.full(x.shape, np.nan), np.full(y.shape, np.nan)
        for i in np.unique(index):
            view = self.view(int(i))
            if view is not None:
                here = index == i
                out_x[here], out_y[here] = view.undo(x[here], y[here])
        return out_x, out_y, index

    def inside_clip(
        self, index: NDArray[np.int64], x_px: ArrayLike, y_px: ArrayLike
    ) -> NDArray[np.bool_]:
        """Tell which screen points lie where their view lets the image appear; bool, shape (n,).

        Parameters
        ----------
        index
            int64, shape (n,): the view state of each point; see `index_at`.
        x_px, y_px
            Screen pixels. NaN is inside only where the view has no limits.
        """
        x, y = np.asarray(x_px, np.float64), np.asarray(y_px, np.float64)
        inside = np.ones(index.shape, bool)
        for i in np.unique(index[index >= 0]):
            clip = self.states[int(i)].clip_px
            if clip is not None:
                here = index == i
                x0, y0, x1, y1 = clip
                inside[here] = (x[here] >= x0) & (x[here] < x1) & (y[here] >= y0) & (y[here] < y1)
        return inside

    def to_screen(
        self, time_us: ArrayLike, x_px: ArrayLike, y_px: ArrayLike
    ) -> tuple[_Floats, _Floats]:
        """Map image px to screen px, the inverse of `to_image`."""
        index = self.index_at(time_us)
        x, y = np.asarray(x_px, np.float64), np.asarray(y_px, np.float64)
        out_x, out_y = np.full(x.shape, np.nan), np.full(y.shape, np.nan)
        for i in np.unique(index):
            view = self.view(int(i))
            if view is not None:
                here = index == i
                out_x[here], out_y[here] = view.apply(x[here], y[here])
        return out_x, out_y


def check_screen(screen: ScreenRecord, *, where: object = None) -> ScreenRecord:
    """Return `screen` when every measure is positive and finite, else raise DataError."""
    for name in ("width_px", "height_px", "width_mm", "height_mm", "distance_mm"):
        value = getattr(screen, name)
        if not (np.isfinite(value) and value > 0):
            raise DataError(
                f"screen.{name} must be positive",
                where=where,
                found=value,
                remedy="measure the active area of the display and the viewing distance",
            )
    return screen


def screen_px_to_mm(
    screen: ScreenRecord, x_px: ArrayLike, y_px: ArrayLike
) -> tuple[_Floats, _Floats]:
    """Map screen px to mm on the display; origin at its centre, x right, y down."""
    x = (np.asarray(x_px, np.float64) / screen.width_px - 0.5) * screen.width_mm
    y = (np.asarray(y_px, np.float64) / screen.height_px - 0.5) * screen.height_mm
    return x, y


def mm_to_screen_px(
    screen: ScreenRecord, x_mm: ArrayLike, y_mm: ArrayLike
) -> tuple[_Floats, _Floats]:
    """Map mm on the display to screen px; the inverse of `screen_px_to_mm`."""
    x = (np.asarray(x_mm, np.float64) / screen.width_mm + 0.5) * screen.width_px
    y = (np.asarray(y_mm, np.float64) / screen.height_mm + 0.5) * screen.height_px
    return x, y


def angle_deg(
    screen: ScreenRecord,
    x0_px: ArrayLike,
    y0_px: ArrayLike,
    x1_px: ArrayLike,
    y1_px: ArrayLike,
    *,
    distance_mm: ArrayLike | None = None,
) -> _Floats:
    """Return the visual angle between two screen points, in degrees; broadcast, float64.

    The eye sits `distance_mm` (default: the screen's) before the centre of the screen; the angle
    is the one between the two lines of sight (atan2 of cross and dot product, exact for small
    angles too), not the small-angle figure.
    """
    z = np.asarray(screen.distance_mm if distance_mm is None else distance_mm, np.float64)
    ax, ay = screen_px_to_mm(screen, x0_px, y0_px)
    bx, by = screen_px_to_mm(screen, x1_px, y1_px)
    dx, dy = bx - ax, by - ay
    cross = np.sqrt((dy * z) ** 2 + (dx * z) ** 2 + (ax * dy - ay * dx) ** 2)
    angle: _Floats = np.degrees(np.arctan2(cross, ax * bx + ay * by + z * z))
    return angle


def screen_px_per_degree(
    screen: ScreenRecord,
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    distance_mm: ArrayLike | None = None,
) -> tuple[_Floats, _Floats]:
    """Return screen pixels per degree along x and along y, at each screen point; float64.

    The local derivative of place over angle: a degree covers more pixels off the centre.
    """
    z = np.asarray(screen.distance_mm if distance_mm is None else distance_mm, np.float64)
    x, y = screen_px_to_mm(screen, x_px, y_px)
    reach = x * x + y * y + z * z
    per_rad_x = reach / np.sqrt(reach - x * x)
    per_rad_y = reach / np.sqrt(reach - y * y)
    rad = np.pi / 180
    return (
        per_rad_x * rad * screen.width_px / screen.width_mm,
        per_rad_y * rad * screen.height_px / screen.height_mm,
    )


def image_px_per_degree(
    screen: ScreenRecord,
    view: Affine,
    x_px: ArrayLike,
    y_px: ArrayLike,
    *,
    distance_mm: ArrayLike | None = None,
) -> tuple[_Floats, _Floats]:
    """Return image pixels per degree along image x and y, at screen points seen through `view`."""
    along_x, along_y = screen_px_per_degree(screen, x_px, y_px, distance_mm=distance_mm)
    scale_x, scale_y = view.inverse_scale()
    return along_x * scale_x, along_y * scale_y
