"""Where the organs of a phantom lie, in chest units, and how this varies from one to the next.

A film is 1 chest unit high and 0.8 wide, whatever its pixels; x runs to the right of the film
(the patient's left), y down. `lateral` is the distance from the midline, on either side.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FILM_WIDTH", "SIDES", "Anatomy", "Box", "draw_anatomy"]

FILM_WIDTH = 0.8
SIDES = {"right": -1, "left": 1}
"""Side of the patient to its direction on the film."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1."""

_Floats = NDArray[np.float32]

_INNER = 0.048
_ZONE_EDGES = (0.0, 0.36, 0.68, 1.0)
_ZONES = ("upper", "mid", "lower")


@dataclass(frozen=True)
class Anatomy:
    """Landmarks of one phantom, in chest units.

    `dome_y`: top of each diaphragm; `heart_right`, `heart_left`: its borders' distances from the
    midline; `rib_gap`: distance between ribs; `body_half`: half width of the trunk.
    """

    mid_x: float
    apex_y: float
    dome_y: dict[str, float]
    lung_width: float
    heart_right: float
    heart_left: float
    heart_y: float
    knob_y: float
    rib_y: float
    rib_gap: float
    clavicle_y: float
    body_half: float
    density: float

    def outer(self, y: ArrayLike) -> _Floats:
        """Return the lateral distance of the lung's outer border at heights `y`."""
        t = np.clip((np.asarray(y, np.float32) - self.apex_y) / 0.46, 0.0, 1.0)
        rise = np.sqrt(np.maximum(1.0 - (1.0 - t) ** 2.4, 0.0))
        return np.asarray(0.075 + (self.lung_width - 0.075) * rise, np.float32)

    def diaphragm(self, side: str, lateral: ArrayLike) -> _Floats:
        """Return the height of a diaphragm at lateral distances."""
        lateral = np.asarray(lateral, np.float32)
        away = np.abs(lateral - 0.14)
        fall = np.where(lateral > 0.14, 5.6 * away**2.1, 2.4 * away**2)  # noqa: PLR2004 - the dome's top
        return np.asarray(self.dome_y[side] + fall, np.float32)

    def lung_box(self, side: str) -> Box:
        """Return the box around a lung."""
        near, far = _INNER, self.lung_width
        return self.mirrored(side, near, self.apex_y, far, self.dome_y[side] + 0.1)

    def zone_box(self, side: str, zone: str) -> Box:
        """Return the box around the upper, mid or lower zone of a lung."""
        place = _ZONES.index(zone)
        top, height = self.apex_y, self.dome_y[side] + 0.04 - self.apex_y
        y0, y1 = (top + height * _ZONE_EDGES[place + i] for i in (0, 1))
        far = float(self.outer((y0 + y1) / 2))
        return self.mirrored(side, _INNER, y0, far, y1)

    def zone_of(self, side: str, y: float) -> str:
        """Return the zone in which height `y` lies."""
        share = (y - self.apex_y) / (self.dome_y[side] + 0.04 - self.apex_y)
        place = int(np.searchsorted(_ZONE_EDGES[1:3], share))
        return _ZONES[place]

    def heart_box(self) -> Box:
        """Return the box around the heart."""
        return (
            self.mid_x - self.heart_right,
            self.heart_y - 0.13,
            self.mid_x + self.heart_left,
            self.heart_y + 0.13,
        )

    def mirrored(self, side: str, near: float, y0: float, far: float, y1: float) -> Box:
        """Return the box between two lateral distances on one side."""
        a, b = (self.mid_x + SIDES[side] * value for value in (near, far))
        return min(a, b), y0, max(a, b), y1


def draw_anatomy(rng: np.random.Generator, *, cardiomegaly: bool = False) -> Anatomy:
    """Draw the landmarks of one phantom.

    Parameters
    ----------
    rng
        Its own stream.
    cardiomegaly
        Make the heart wider than half the chest.
    """
    width = rng.normal(0.292, 0.008)
    ratio = rng.uniform(0.58, 0.66) if cardiomegaly else rng.uniform(0.40, 0.47)
    right_share = rng.uniform(0.27, 0.33)
    right_dome = rng.normal(0.735, 0.014)
    left_dome = right_dome + rng.normal(0.024, 0.006)
    return Anatomy(
        mid_x=FILM_WIDTH / 2 + rng.normal(0.0, 0.006),
        apex_y=rng.normal(0.125, 0.01),
        dome_y={"right": right_dome, "left": left_dome},
        lung_width=width,
        heart_right=2 * width * ratio * right_share,
        heart_left=2 * width * ratio * (1 - right_share),
        heart_y=left_dome - rng.normal(0.085, 0.006),
        knob_y=rng.normal(0.315, 0.008),
        rib_y=rng.normal(0.115, 0.008),
        rib_gap=rng.normal(0.062, 0.0015),
        clavicle_y=rng.normal(0.165, 0.01),
        body_half=rng.normal(0.362, 0.008),
        density=rng.normal(1.0, 0.05),
    )
