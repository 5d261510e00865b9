"""How does a person check a prediction: sentences that light their evidence, and the inspection?"""

import numpy as np
from numpy.typing import NDArray

from gazekit.report import Page, facts, note, number, section
from gazekit.report.evidence import EvidenceSentence, EvidenceStop, evidence
from trainer.prediction import NOTES, EvidenceMap, Prediction
from trainer.square import draw_part

__all__ = ["prediction_page"]

_MAP_PX = 160


def prediction_page(grey: NDArray[np.uint8], prediction: Prediction, *, name: str) -> Page:
    """Make the page of a prediction; `grey` is the image as displayed, uint8."""
    size = (prediction.width_px, prediction.height_px)
    sentences = [
        EvidenceSentence(
            text=one.text,
            box=one.region.box,
            heatmap=_drawn(one.map, size) if one.map is not None else np.zeros((1, 1), np.float32),
            code=one.step,
            step=one.step_name,
            confidence=one.confidence,
        )
        for one in prediction.sentences
    ]
    stops = [
        EvidenceStop(
            point.x_px,
            point.y_px,
            point.sentence,
            point.step,
            point.onset_us,
            point.duration_us,
        )
        for point in prediction.trajectory
    ]
    origin = "synthetic readings" if prediction.trained_on_simulated else "recorded readings"
    about = [
        ("Checkpoint", prediction.checkpoint),
        ("Trained on", origin),
        ("Confidence of the report", number(prediction.confidence, 2)),
        ("Image, px", f"{prediction.width_px} x {prediction.height_px}"),
        ("Dataset fingerprint", prediction.fingerprint[:16]),
        ("Image SHA-256", prediction.image_sha256[:16]),
    ]
    return Page(
        kind="Prediction",
        title=name,
        lead="A report that a model wrote, and where in the image each sentence rests. "
        "Verify every sentence on the image.",
        sections=(
            section("Report with evidence", evidence(grey, sentences, stops, image_size=size)),
            section(
                "What these values are",
                facts(about),
                *(note(f"{key.capitalize()}: {value}.") for key, value in NOTES.items()),
            ),
        ),
        simulated="the model was trained on simulated readings"
        if prediction.trained_on_simulated
        else None,
        scripts=("evidence.js",),
    )


def _drawn(one: EvidenceMap, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a map over the image alone."""
    values = np.array(one.values, np.float32)
    across = values.shape[1] / (one.x1_px - one.x0_px)
    down = values.shape[0] / (one.y1_px - one.y0_px)
    box = (
        max(0.0, -one.x0_px * across),
        max(0.0, -one.y0_px * down),
        min(values.shape[1], (size[0] - one.x0_px) * across),
        min(values.shape[0], (size[1] - one.y0_px) * down),
    )
    scale = _MAP_PX / max(size)
    return draw_part(values, box, (max(1, round(size[0] * scale)), max(1, round(size[1] * scale))))
