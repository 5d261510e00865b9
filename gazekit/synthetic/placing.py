"""Where a finding of each kind may lie in a chest."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gazekit.synthetic.anatomy import SIDES, Anatomy, Box
from gazekit.synthetic.chest import rib_line

__all__ = ["LABELS", "Placement", "around", "centre_of", "place"]

LABELS = (
    "Cardiomegaly",
    "Lung Lesion",
    "Consolidation",
    "Pleural Effusion",
    "Pneumothorax",
    "Atelectasis",
    "Fracture",
    "Support Devices",
)
"""In the order in which they are placed: the heart's place is given, the others keep off it."""


@dataclass(frozen=True)
class Placement:
    """One finding: what, where; `box` in chest units, `detail` the kind of device or the rib."""

    label: str
    box: Box
    side: str | None = None
    zone: str | None = None
    detail: str | None = None


def place(label: str, anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    """Draw a place for a finding; in chest units."""
    return _PLANS[label](anatomy, rng)


def around(x: float, y: float, half_x: float, half_y: float) -> Box:
    """Return the box of these half widths around a point."""
    return x - half_x, y - half_y, x + half_x, y + half_y


def centre_of(box: Box) -> tuple[float, float]:
    """Return the middle of a box."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _side(rng: np.random.Generator) -> str:
    return "right" if rng.random() < 0.5 else "left"  # noqa: PLR2004 - even


def _in_lung(
    anatomy: Anatomy, side: str, zone: str, margin: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Draw a point of a lung zone that is `margin` off its borders and clear of the heart."""
    _, y0, _, y1 = anatomy.zone_box(side, zone)
    y = rng.uniform(max(y0, anatomy.apex_y + margin * 1.4), y1 - margin)
    near = 0.07
    if zone == "lower":
        near = anatomy.heart_left if side == "left" else anatomy.heart_right
    far = float(anatomy.outer(y)) - margin
    near = min(near + 0.6 * margin, far - 0.01)
    lateral = rng.uniform(near, far)
    floor = float(anatomy.diaphragm(side, lateral)) - margin
    return anatomy.mid_x + SIDES[side] * lateral, min(y, floor)


def _plan_lesion(anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    side, zone = _side(rng), str(rng.choice(["upper", "mid", "lower"]))
    radius = rng.uniform(0.024, 0.040)
    x, y = _in_lung(anatomy, side, zone, radius, rng)
    zone = anatomy.zone_of(side, y)
    return Placement("Lung Lesion", around(x, y, radius, radius), side, zone)


def _plan_consolidation(anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    side, zone = _side(rng), str(rng.choice(["upper", "mid", "lower"]))
    half_x, half_y = rng.uniform(0.055, 0.075), rng.uniform(0.06, 0.085)
    x, y = _in_lung(anatomy, side, zone, 0.06, rng)
    zone = anatomy.zone_of(side, y)
    return Placement("Consolidation", around(x, y, half_x, half_y), side, zone)


def _plan_effusion(anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    side = _side(rng)
    top = anatomy.dome_y[side] - rng.uniform(0.03, 0.13)
    far = anatomy.lung_width
    bottom = float(anatomy.diaphragm(side, far))
    box = anatomy.mirrored(side, 0.13, top, far, min(bottom, top + 0.24))
    return Placement("Pleural Effusion", box, side, "lower")


def _plan_pneumothorax(anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    side = _side(rng)
    depth = rng.uniform(0.06, 0.09)
    bottom = rng.uniform(0.36, 0.44)
    far = float(anatomy.outer(bottom))
    box = anatomy.mirrored(side, 0.06, anatomy.apex_y, far, bottom)
    return Placement("Pneumothorax", box, side, "upper", f"{depth:.4f}")


def _plan_cardiomegaly(anatomy: Anatomy, _: np.random.Generator) -> Placement:
    return Placement("Cardiomegaly", anatomy.heart_box())


def _plan_atelectasis(anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    side, zone = _side(rng), str(rng.choice(["mid", "lower"]))
    half_x, half_y = rng.uniform(0.055, 0.07), rng.uniform(0.018, 0.028)
    x, y = _in_lung(anatomy, side, zone, 0.05, rng)
    zone = anatomy.zone_of(side, y)
    return Placement("Atelectasis", around(x, y, half_x, half_y), side, zone)


def _plan_fracture(anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    side, rib = _side(rng), int(rng.integers(3, 8))
    lateral, y = rib_line(anatomy, rib, front=False)
    at = int(rng.integers(14, 21))
    x = anatomy.mid_x + SIDES[side] * float(lateral[at])
    box = around(x, float(y[at]), 0.034, 0.03)
    return Placement("Fracture", box, side, anatomy.zone_of(side, float(y[at])), str(rib))


def _plan_device(anatomy: Anatomy, rng: np.random.Generator) -> Placement:
    side = _side(rng)
    if rng.random() < 0.5:  # noqa: PLR2004 - even
        lateral, y = rng.uniform(0.20, 0.24), rng.uniform(0.24, 0.29)
        x = anatomy.mid_x + SIDES[side] * lateral
        return Placement("Support Devices", around(x, y, 0.05, 0.045), side, "upper", "pacemaker")
    far = anatomy.mirrored(side, -0.03, 0.10, 0.2, anatomy.knob_y + 0.12)
    return Placement("Support Devices", far, side, "upper", "line")


_PLANS: dict[str, Callable[[Anatomy, np.random.Generator], Placement]] = {
    "Lung Lesion": _plan_lesion,
    "Consolidation": _plan_consolidation,
    "Pleural Effusion": _plan_effusion,
    "Pneumothorax": _plan_pneumothorax,
    "Cardiomegaly": _plan_cardiomegaly,
    "Atelectasis": _plan_atelectasis,
    "Fracture": _plan_fracture,
    "Support Devices": _plan_device,
}
