"""Which findings a phantom has, and how each looks on the film."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gazekit.synthetic.anatomy import SIDES, Anatomy, Box
from gazekit.synthetic.canvas import Canvas, soft
from gazekit.synthetic.placing import LABELS, Placement, around, centre_of, place

__all__ = ["draw_findings", "draw_labels"]

_Floats = NDArray[np.float32]

_COUNT_SHARES = (0.20, 0.32, 0.25, 0.15, 0.08)
_TRIES = 12
_MOST_OVERLAP = 0.15


@dataclass(frozen=True)
class _Chest:
    canvas: Canvas
    anatomy: Anatomy
    masks: dict[str, _Floats]


def draw_labels(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw which findings a phantom has: none to four, all different."""
    count = int(rng.choice(len(_COUNT_SHARES), p=_COUNT_SHARES))
    chosen = {LABELS[i] for i in rng.permutation(len(LABELS))[:count]}
    return tuple(label for label in LABELS if label in chosen)


def draw_findings(
    canvas: Canvas,
    anatomy: Anatomy,
    masks: dict[str, _Floats],
    *,
    labels: tuple[str, ...],
    rng: np.random.Generator,
) -> tuple[Placement, ...]:
    """Lay the findings on a chest and return where they are.

    One that finds no place free of the others is left out, so that boxes never hide each other.
    """
    chest = _Chest(canvas, anatomy, masks)
    placed: list[Placement] = []
    for label in labels:
        for _ in range(_TRIES):
            plan = place(label, anatomy, rng)
            if all(_overlap(plan.box, other.box) < _MOST_OVERLAP for other in placed):
                _DRAWINGS[label](chest, plan, rng)
                placed.append(plan)
                break
    return tuple(placed)


def _overlap(a: Box, b: Box) -> float:
    """Return the intersection as a share of the smaller box."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    least = min((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return width * height / least


def _blob(canvas: Canvas, box: Box, power: float = 2.0) -> _Floats:
    """Return 1 - r^power over the canvas, r = 1 on the ellipse inscribed in the box."""
    x, y = centre_of(box)
    dx = (canvas.x - np.float32(x)) / np.float32((box[2] - box[0]) / 2)
    dy = (canvas.y - np.float32(y)) / np.float32((box[3] - box[1]) / 2)
    return np.asarray(1.0 - (np.abs(dx) ** power + np.abs(dy) ** power), np.float32)


def _draw_lesion(chest: _Chest, plan: Placement, _: np.random.Generator) -> None:
    here, _where = chest.canvas.part(_grown(plan.box, 0.02))
    here.attenuation[...] += soft(_blob(here, plan.box), 0.5) * np.float32(0.27)


def _draw_consolidation(chest: _Chest, plan: Placement, rng: np.random.Generator) -> None:
    here, where = chest.canvas.part(_grown(plan.box, 0.03))
    x, y = centre_of(plan.box)
    cloud = np.zeros_like(here.attenuation)
    half_x, half_y = (plan.box[2] - plan.box[0]) / 2, (plan.box[3] - plan.box[1]) / 2
    for _ in range(9):
        px, py = x + half_x * rng.uniform(-0.55, 0.55), y + half_y * rng.uniform(-0.55, 0.55)
        size = rng.uniform(0.4, 0.55)
        puff = _blob(here, around(px, py, half_x * size, half_y * size))
        cloud = np.maximum(cloud, soft(puff, 1.3) * np.float32(rng.uniform(0.65, 1.0)))
    here.attenuation[...] += cloud * chest.masks[str(plan.side)][where] * np.float32(0.33)


def _draw_effusion(chest: _Chest, plan: Placement, _: np.random.Generator) -> None:
    top = plan.box[1]
    canvas = chest.canvas
    lateral = SIDES[str(plan.side)] * (canvas.x - np.float32(chest.anatomy.mid_x))
    rise = np.clip((lateral - 0.10) / (chest.anatomy.lung_width - 0.10), 0.0, 1.0)
    level = top + 0.11 * (1.0 - rise) ** 1.4
    fluid = soft(canvas.y - level.astype(np.float32), 0.03) * chest.masks[str(plan.side)]
    # Fluid takes the place of air; where the heart lies it adds nothing.
    canvas.attenuation[...] += fluid * np.maximum(np.float32(0.72) - canvas.attenuation, 0.0)


def _draw_pneumothorax(chest: _Chest, plan: Placement, _: np.random.Generator) -> None:
    depth, bottom = float(plan.detail or 0), plan.box[3]
    canvas, anatomy = chest.canvas, chest.anatomy
    lateral = SIDES[str(plan.side)] * (canvas.x - np.float32(anatomy.mid_x))
    share = np.clip((bottom - canvas.y) / (bottom - anatomy.apex_y), 0.0, 1.0)
    edge = anatomy.outer(canvas.y - np.float32(depth * 0.8)) - np.float32(depth) * share**0.5
    beyond = soft(lateral - edge, 0.008) * soft(np.float32(bottom) - canvas.y, 0.02)
    mask = chest.masks[str(plan.side)]
    plain = np.float32(0.06)
    canvas.attenuation[...] += beyond * mask * (plain - canvas.attenuation) * np.float32(0.75)
    line = np.maximum(1.0 - np.abs(lateral - edge) / np.float32(0.006), 0.0)
    line *= soft(np.float32(bottom - 0.01) - canvas.y, 0.02) * mask
    canvas.attenuation[...] += line * np.float32(0.22)


def _draw_nothing(_chest: _Chest, _plan: Placement, _rng: np.random.Generator) -> None:
    """Cardiomegaly is in the anatomy already."""


def _draw_atelectasis(chest: _Chest, plan: Placement, rng: np.random.Generator) -> None:
    here, _where = chest.canvas.part(_grown(plan.box, 0.02))
    x0, y0, x1, y1 = plan.box
    tilt = (1 if rng.random() < 0.5 else -1) * 0.62 * (y1 - y0) / (x1 - x0)  # noqa: PLR2004
    x, y = centre_of(plan.box)
    off = np.abs(here.y - np.float32(y) - np.float32(tilt) * (here.x - np.float32(x)))
    band = soft(np.float32(0.0085) - off, 0.007) * soft(_blob(here, (x0, y0 - 1, x1, y1 + 1)), 0.4)
    here.attenuation[...] += band * np.float32(0.30)


def _draw_fracture(chest: _Chest, plan: Placement, _: np.random.Generator) -> None:
    here, _where = chest.canvas.part(_grown(plan.box, 0.01))
    x, y = centre_of(plan.box)
    callus = soft(_blob(here, around(x, y, 0.030, 0.022)), 0.8)
    gap = soft(_blob(here, around(x, y, 0.007, 0.026)), 0.5)
    here.attenuation[...] += callus * np.float32(0.24) - gap * np.float32(0.42)


def _draw_device(chest: _Chest, plan: Placement, _: np.random.Generator) -> None:
    strokes, anatomy, sign = chest.canvas.strokes(), chest.anatomy, SIDES[str(plan.side)]
    vein = [
        (anatomy.mid_x + sign * 0.10, 0.165),
        (anatomy.mid_x + sign * 0.03, 0.20),
        (anatomy.mid_x - 0.035, 0.26),
        (anatomy.mid_x - 0.042, anatomy.knob_y + 0.10),
    ]
    if plan.detail == "pacemaker":
        x, y = centre_of(plan.box)
        strokes.line([(x - sign * 0.02, y - 0.035), *vein], 0.006, 0.8)
        strokes.line([vein[-1], (anatomy.mid_x + 0.02, anatomy.heart_y + 0.06)], 0.006, 0.8)
        strokes.line(
            [
                (anatomy.mid_x + 0.02, anatomy.heart_y + 0.06),
                (anatomy.mid_x + 0.08, anatomy.heart_y + 0.08),
            ],
            0.006,
            0.8,
        )
        strokes.disc(x, y, 0.036, 1.0)
        strokes.disc(x + sign * 0.012, y + 0.004, 0.036, 1.0)
        strokes.disc(x - sign * 0.005, y - 0.03, 0.014, 0.85)
    else:
        strokes.line([(anatomy.mid_x + sign * 0.2, 0.11), *vein], 0.0085, 0.85)
    chest.canvas.attenuation[...] += strokes.result(0.0008) * np.float32(0.55)


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


_DRAWINGS: dict[str, Callable[[_Chest, Placement, np.random.Generator], None]] = {
    "Lung Lesion": _draw_lesion,
    "Consolidation": _draw_consolidation,
    "Pleural Effusion": _draw_effusion,
    "Pneumothorax": _draw_pneumothorax,
    "Cardiomegaly": _draw_nothing,
    "Atelectasis": _draw_atelectasis,
    "Fracture": _draw_fracture,
    "Support Devices": _draw_device,
}
