"""How a chest without findings attenuates: soft tissue, lungs, heart, bones, airways, vessels."""

import numpy as np
from numpy.typing import NDArray

from gazekit.synthetic.anatomy import SIDES, Anatomy
from gazekit.synthetic.canvas import Canvas, Strokes, soft

__all__ = ["draw_chest", "lung_mask", "rib_line"]

_Floats = NDArray[np.float32]

_BODY, _LUNG, _HEART, _AIR, _BELLY = 0.62, 0.46, 0.12, 0.26, 0.13
_RIB, _VESSEL, _SPINE, _CLAVICLE = 0.13, 0.14, 0.11, 0.13
_EDGE = 0.007
_RIBS = 9
_RIB_BANDS = ((0.021, 0.95), (0.012, 0.62))
_CLAVICLE_BANDS = ((0.026, 1.0), (0.014, 0.72))
"""Width and strength: a bone is denser at its rims."""
_BRANCHES, _GENERATIONS = 12, 4


def lung_mask(canvas: Canvas, anatomy: Anatomy, side: str) -> _Floats:
    """Return 1 inside a lung, 0 outside, soft at the border; float32, shape of the canvas."""
    lateral = SIDES[side] * (canvas.x - np.float32(anatomy.mid_x))
    inner = 0.05 + 0.02 * np.clip((0.3 - canvas.y) / 0.15, 0.0, 1.0)
    mask = soft(anatomy.outer(canvas.y) - lateral, _EDGE)
    mask *= soft(lateral - inner, 2.4 * _EDGE)
    mask *= soft(anatomy.diaphragm(side, lateral) - canvas.y, _EDGE)
    mask *= soft(canvas.y - anatomy.apex_y, 2 * _EDGE)
    return mask


def draw_chest(canvas: Canvas, anatomy: Anatomy, rng: np.random.Generator) -> dict[str, _Floats]:
    """Lay the chest on an empty canvas; return the lungs' masks by side."""
    body = _draw_body(canvas, anatomy)
    masks = {side: lung_mask(canvas, anatomy, side) for side in SIDES}
    for side, mask in masks.items():
        canvas.attenuation[...] -= mask * np.float32(_LUNG)
        _draw_belly(canvas, anatomy, side, body)
    lungs = masks["right"] + masks["left"]
    _draw_heart(canvas, anatomy, lungs)
    canvas.attenuation[...] += _vessels(canvas, anatomy, rng) * lungs
    canvas.attenuation[...] += _bones(canvas, anatomy) * body
    canvas.attenuation[...] -= _airways(canvas, anatomy)
    return masks


def _draw_body(canvas: Canvas, anatomy: Anatomy) -> _Floats:
    y = canvas.y
    shoulder = np.clip((y + 0.02) / 0.17, 0.0, 1.0)
    waist = np.clip((y - 0.17) / 0.2, 0.0, 1.0)
    half = (
        0.105 + 0.345 * shoulder**1.6 - (0.45 - anatomy.body_half) * waist * waist * (3 - 2 * waist)
    )
    reach = np.abs(canvas.x - np.float32(anatomy.mid_x)) / half.astype(np.float32)
    mask = soft(1.0 - reach, 0.03)
    thickness = np.sqrt(np.maximum(1.0 - reach * reach * np.sqrt(reach), 0.0))
    canvas.attenuation[...] += (
        (0.35 + 0.65 * thickness) * mask * np.float32(_BODY * anatomy.density)
    )
    return mask


def _draw_belly(canvas: Canvas, anatomy: Anatomy, side: str, body: _Floats) -> None:
    """Add what lies under a diaphragm: the liver on the right, a gas bubble on the left."""
    lateral = SIDES[side] * (canvas.x - np.float32(anatomy.mid_x))
    dome = anatomy.diaphragm(side, np.minimum(lateral, np.float32(anatomy.lung_width)))
    under = soft(canvas.y - dome - np.float32(0.02), 0.1) * soft(lateral, 0.08)
    canvas.attenuation[...] += under * body * np.float32(_BELLY)
    if side == "left":
        x, y = anatomy.mid_x + 0.13, anatomy.dome_y["left"] + 0.075
        away = ((canvas.x - np.float32(x)) / 0.06) ** 2 + ((canvas.y - np.float32(y)) / 0.042) ** 2
        canvas.attenuation[...] -= soft(1.0 - away, 0.9) * np.float32(0.13)


def _draw_heart(canvas: Canvas, anatomy: Anatomy, lungs: _Floats) -> None:
    """Add the heart and the great vessels; where they lie over a lung they take its air's place."""
    x0, _, x1, _ = anatomy.heart_box()
    centre = anatomy.mid_x + 0.02
    x, y = canvas.x - np.float32(centre), canvas.y - np.float32(anatomy.heart_y)
    drop = (y - np.float32(0.12) * x) / np.float32(0.135)
    waist = np.clip((drop + 1.0) / 1.35, 0.0, 1.0)
    narrow = np.float32(0.5) + np.float32(0.5) * waist * waist * (3.0 - 2.0 * waist)
    radius = np.where(x > 0, x1 - centre, centre - x0).astype(np.float32) * narrow
    away = np.square(x / radius) + np.square(drop)
    heart = soft(1.0 - away, 0.14) * (0.75 + 0.25 * np.sqrt(np.maximum(1.0 - away, 0.0)))
    great = _great_vessels(canvas, anatomy)
    total = np.maximum(heart, great)
    canvas.attenuation[...] += total * (np.float32(_HEART) + np.float32(_AIR) * lungs)


def _great_vessels(canvas: Canvas, anatomy: Anatomy) -> _Floats:
    """Return the aortic knob, the descending aorta, the cava and both hila."""
    strokes = canvas.strokes()
    x, y = anatomy.mid_x, anatomy.knob_y
    strokes.line([(x - 0.035, y - 0.06), (x - 0.045, y + 0.22)], 0.04, 0.75)
    strokes.line([(x + 0.02, y), (x + 0.04, y + 0.09), (x + 0.03, y + 0.33)], 0.07, 0.75)
    strokes.disc(x + 0.042, y + 0.005, 0.034, 0.9)
    for side, sign in SIDES.items():
        h = y + (0.115 if side == "right" else 0.10)
        strokes.line([(x + sign * 0.03, h - 0.01), (x + sign * 0.085, h + 0.02)], 0.045, 0.6)
        strokes.line([(x + sign * 0.078, h), (x + sign * 0.10, h + 0.1)], 0.024, 0.55)
    return strokes.result(0.006)


def _vessels(canvas: Canvas, anatomy: Anatomy, rng: np.random.Generator) -> _Floats:
    """Return the branching markings of both lungs, thinner towards the pleura."""
    strokes = canvas.strokes()
    for side, sign in SIDES.items():
        hilum = anatomy.mid_x + sign * 0.075, anatomy.knob_y + (0.115 if side == "right" else 0.10)
        _branches(strokes, hilum, sign, rng)
    return strokes.result(0.0012) * np.float32(_VESSEL)


def _branches(
    strokes: Strokes, root: tuple[float, float], sign: int, rng: np.random.Generator
) -> None:
    """Draw a tree, one generation after the other: each branch ends in two thinner ones."""
    angle = np.linspace(-1.25, 1.35, _BRANCHES) + rng.normal(0, 0.09, _BRANCHES)
    x, y = np.full(_BRANCHES, root[0]), np.full(_BRANCHES, root[1])
    width, length = 0.0075, 0.11
    for generation in range(_GENERATIONS):
        reach = length * rng.uniform(0.75, 1.25, angle.size)
        end_x, end_y = x + sign * reach * np.cos(angle), y + reach * np.sin(angle)
        for ax, ay, bx, by in zip(*(v.tolist() for v in (x, y, end_x, end_y)), strict=True):
            strokes.line([(ax, ay), (bx, by)], width, 0.85 - 0.15 * generation)
        turns = np.array([[-0.3], [0.28]]) * rng.uniform(0.6, 1.5, (2, angle.size))
        angle, x, y = (angle + turns).ravel(), np.tile(end_x, 2), np.tile(end_y, 2)
        width, length = width * 0.62, length * 0.72


def _bones(canvas: Canvas, anatomy: Anatomy) -> _Floats:
    total = _ribs(canvas, anatomy, front=False) * np.float32(_RIB)
    total += _ribs(canvas, anatomy, front=True) * np.float32(0.6 * _RIB)
    total += _spine(canvas, anatomy) * np.float32(_SPINE)
    total += _shoulders(canvas, anatomy) * np.float32(_CLAVICLE)
    return total


def _ribs(canvas: Canvas, anatomy: Anatomy, *, front: bool) -> _Floats:
    strokes = canvas.strokes()
    for index in range(_RIBS):
        lateral, y = rib_line(anatomy, index, front=front)
        for sign in SIDES.values():
            strokes.band(anatomy.mid_x + sign * lateral, y, _RIB_BANDS)
    return strokes.result(0.0015)


def rib_line(anatomy: Anatomy, index: int, *, front: bool) -> tuple[_Floats, _Floats]:
    """Return lateral distances and heights along a rib, from the spine or the side inwards."""
    root = anatomy.rib_y + anatomy.rib_gap * index
    side = float(anatomy.outer(root + 0.06)) + 0.012
    t = np.linspace(0.0, 1.0, 24, dtype=np.float32)
    if not front:
        lateral = 0.03 + (side - 0.03) * t
        return lateral, root - 0.028 * np.sin(np.pi * np.minimum(t * 1.25, 1.0)) + 0.085 * t**2.6
    lateral = side - (side - 0.1) * t
    return lateral, root + 0.085 + 0.115 * np.sin(t * np.pi / 2.2)


def _spine(canvas: Canvas, anatomy: Anatomy) -> _Floats:
    strokes = canvas.strokes()
    step = 0.052
    for index in range(19):
        y, x = 0.02 + step * index, anatomy.mid_x
        box = [(x - 0.031, y), (x + 0.031, y), (x + 0.031, y + 0.043), (x - 0.031, y + 0.043)]
        strokes.area(box, 0.8)
        strokes.disc(x - 0.018, y + 0.02, 0.006, 1.0)
        strokes.disc(x + 0.018, y + 0.02, 0.006, 1.0)
        strokes.line([(x, y + 0.012), (x, y + 0.045)], 0.007, 1.0)
    return strokes.result(0.003)


def _shoulders(canvas: Canvas, anatomy: Anatomy) -> _Floats:
    """Return the clavicles, the shoulder blades and the heads of the humeri."""
    strokes = canvas.strokes()
    for sign in SIDES.values():
        x, y = anatomy.mid_x, anatomy.clavicle_y
        blade = [(0.30, 0.13), (0.37, 0.17), (0.345, 0.33), (0.315, 0.45), (0.285, 0.34)]
        strokes.area([(x + sign * a, b) for a, b in blade], 0.42)
        strokes.disc(x + sign * 0.385, y - 0.01, 0.045, 0.7)
        t = np.linspace(0.0, 1.0, 20)
        along = 0.03 + 0.29 * t
        height = y + 0.012 - 0.075 * t - 0.014 * np.sin(t * 2 * np.pi)
        strokes.band(x + sign * along, height, _CLAVICLE_BANDS)
    return strokes.result(0.002)


def _airways(canvas: Canvas, anatomy: Anatomy) -> _Floats:
    strokes = canvas.strokes()
    x, fork = anatomy.mid_x - 0.004, anatomy.knob_y + 0.055
    strokes.line([(anatomy.mid_x, 0.0), (x, fork)], 0.034, 1.0)
    strokes.line([(x, fork - 0.01), (x - 0.06, fork + 0.06)], 0.022, 0.8)
    strokes.line([(x, fork - 0.01), (x + 0.075, fork + 0.055)], 0.02, 0.8)
    return strokes.result(0.004) * np.float32(0.15)
