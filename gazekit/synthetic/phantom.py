"""What a phantom chest radiograph looks like, and what is known to be on it."""

from dataclasses import dataclass

import numpy as np

from gazekit.model.display import DisplayImage
from gazekit.model.records import FindingRecord
from gazekit.synthetic.anatomy import FILM_WIDTH, SIDES, Anatomy, Box, draw_anatomy
from gazekit.synthetic.canvas import Canvas
from gazekit.synthetic.chest import draw_chest
from gazekit.synthetic.film import BITS, WINDOW, develop
from gazekit.synthetic.findings import draw_findings, draw_labels
from gazekit.synthetic.placing import Placement
from gazekit.synthetic.seeds import rng_of

__all__ = ["Phantom", "make_phantom"]

_FILM_HEIGHT_MM = 430.0
_WORK_ROWS = 512
"""Organs are drawn on a grid of at most so many rows and scaled up; the grain is not."""


@dataclass(frozen=True)
class Phantom:
    """A simulated chest radiograph with its truth.

    `findings`: boxes in image pixels, `reading_id` empty. `placements`: the same findings in the
    same order, with side, zone and detail, boxes in image pixels too. `regions`: named boxes
    x0, y0, x1, y1 of the anatomy, in image pixels.
    """

    display: DisplayImage
    findings: tuple[FindingRecord, ...]
    placements: tuple[Placement, ...]
    regions: dict[str, Box]
    seed: int


def make_phantom(
    seed: int,
    *,
    size_px: tuple[int, int] = (1024, 1280),
    patient_id: str | None = None,
    study_id: str | None = None,
) -> Phantom:
    """Make the phantom of a seed; the anatomy and the findings do not depend on the size.

    Parameters
    ----------
    seed
        Not negative.
    size_px
        Width and height; the film is drawn for 4 : 5 and stretched to others.
    patient_id, study_id
        Pseudonyms for the record.
    """
    labels = draw_labels(rng_of(seed, "labels"))
    anatomy = draw_anatomy(rng_of(seed, "anatomy"), cardiomegaly="Cardiomegaly" in labels)
    width, height = size_px
    rows = min(height, _WORK_ROWS)
    canvas = Canvas.blank(max(1, round(width * rows / height)), rows)
    masks = draw_chest(canvas, anatomy, rng_of(seed, "vessels"))
    placed = draw_findings(canvas, anatomy, masks, labels=labels, rng=rng_of(seed, "findings"))
    pixels = develop(canvas.attenuation, size_px, rng_of(seed, "grain"))
    display = DisplayImage.of(
        pixels,
        WINDOW,
        window_source="phantom",
        photometric="MONOCHROME2",
        bits_stored=BITS,
        patient_id=patient_id,
        study_id=study_id,
        modality="DX",
        view_position="PA",
        pixel_spacing_mm=(_FILM_HEIGHT_MM / height, _FILM_HEIGHT_MM * FILM_WIDTH / width),
    )
    placements = tuple(_placed(plan, size_px) for plan in placed)
    return Phantom(
        display=display,
        findings=tuple(_finding(plan) for plan in placements),
        placements=placements,
        regions={name: _to_px(box, size_px) for name, box in _regions(anatomy).items()},
        seed=seed,
    )


def _to_px(box: Box, size_px: tuple[int, int]) -> Box:
    width, height = size_px
    x0, x1 = (float(np.clip(v / FILM_WIDTH * width, 0, width)) for v in (box[0], box[2]))
    y0, y1 = (float(np.clip(v * height, 0, height)) for v in (box[1], box[3]))
    return x0, y0, x1, y1


def _placed(plan: Placement, size_px: tuple[int, int]) -> Placement:
    return Placement(plan.label, _to_px(plan.box, size_px), plan.side, plan.zone, plan.detail)


def _finding(plan: Placement) -> FindingRecord:
    x0, y0, x1, y1 = plan.box
    return FindingRecord(
        reading_id="",
        label=plan.label,
        assertion="present",
        origin="simulated",
        shape="box",
        x0_px=x0,
        y0_px=y0,
        x1_px=x1,
        y1_px=y1,
    )


def _regions(anatomy: Anatomy) -> dict[str, Box]:
    x, knob = anatomy.mid_x, anatomy.knob_y
    regions: dict[str, Box] = {
        "trachea": (x - 0.03, 0.03, x + 0.03, knob + 0.06),
        "carina": (x - 0.06, knob + 0.02, x + 0.06, knob + 0.12),
        "mediastinum": (x - 0.07, 0.18, x + 0.08, anatomy.heart_y),
        "heart": anatomy.heart_box(),
        "spine": (x - 0.035, 0.1, x + 0.035, 0.95),
    }
    for side in SIDES:
        dome = anatomy.dome_y[side]
        regions[f"{side}_lung"] = anatomy.lung_box(side)
        for zone in ("upper", "mid", "lower"):
            regions[f"{side}_{zone}_zone"] = anatomy.zone_box(side, zone)
        regions[f"{side}_hilum"] = anatomy.mirrored(side, 0.03, knob + 0.06, 0.12, knob + 0.2)
        regions[f"{side}_diaphragm"] = anatomy.mirrored(side, 0.05, dome - 0.03, 0.25, dome + 0.05)
        regions[f"{side}_costophrenic"] = anatomy.mirrored(
            side, anatomy.lung_width - 0.08, dome, anatomy.lung_width + 0.01, dome + 0.11
        )
        regions[f"{side}_clavicle"] = anatomy.mirrored(side, 0.03, 0.09, 0.31, 0.19)
        regions[f"{side}_ribs"] = anatomy.mirrored(side, 0.14, 0.2, anatomy.lung_width + 0.02, 0.62)
        regions[f"{side}_apex"] = anatomy.mirrored(side, 0.05, anatomy.apex_y, 0.18, 0.24)
    return regions
