"""What does a prediction say: a report, its sentences with evidence, the inspection trajectory?"""

from collections.abc import Sequence

import msgspec

from gazekit.model.version import DISCLAIMER
from trainer.evidence import Written
from trainer.habits import Habits
from trainer.region import REGION_RULE, Point, Region, points_of, region_of
from trainer.square import Square

__all__ = ["NOTES", "EvidenceMap", "PredictedSentence", "Prediction", "TrajectoryPoint", "told"]

NOTES = {
    "confidence": "geometric mean of the probabilities of a sentence's tokens; not calibrated",
    "map": "attention of the sentence's words to the patches of the image; it sums to 1",
    "region": REGION_RULE,
    "time": "typical of the training readers for a sentence of its step, shared among its points "
    "by attention; not measured on this image",
    "step": "told by the words of the sentence, as the training readers used them",
}
"""What the values of a prediction are, and are not."""


class EvidenceMap(msgspec.Struct, frozen=True, kw_only=True):
    """A map over the image: `values` by row, and where its grid lies, in image pixels.

    The grid covers the square that the model saw, so that it reaches over an oblong image.
    """

    values: tuple[tuple[float, ...], ...]
    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float


class PredictedSentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with its evidence; `number` is the one on the overlay, from 1."""

    number: int
    text: str
    region: Region
    points: tuple[Point, ...]
    map: EvidenceMap | None = None
    confidence: float | None = None
    step: str | None = None
    step_name: str | None = None


class TrajectoryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the inspection trajectory: its turn, from 1, and the sentence it belongs to.

    Times are microseconds from the start of the reading; None where no reader's times are known.
    """

    order: int
    sentence: int
    x_px: float
    y_px: float
    step: str | None = None
    onset_us: int | None = None
    duration_us: int | None = None


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """A report with evidence; coordinates are pixels of the original image."""

    image_sha256: str
    width_px: int
    height_px: int
    checkpoint: str
    fingerprint: str
    trained_on_simulated: bool
    report: str
    sentences: tuple[PredictedSentence, ...]
    trajectory: tuple[TrajectoryPoint, ...]
    confidence: float | None = None
    notes: dict[str, str] = msgspec.field(default_factory=NOTES.copy)
    disclaimer: str = DISCLAIMER


def told(
    written: Sequence[Written], square: Square, habits: Habits | None
) -> tuple[tuple[PredictedSentence, ...], tuple[TrajectoryPoint, ...]]:
    """Return sentences and trajectory of what a model wrote for one image."""
    sentences = tuple(
        _sentence(number, one, square, habits) for number, one in enumerate(written, 1)
    )
    trajectory: list[TrajectoryPoint] = []
    now_us = 0
    for sentence in sentences:
        habit = habits.steps.get(sentence.step or "") if habits else None
        lasting = habit.sentence_us if habit else 0
        onset = now_us + (habit.pause_us if habit else 0)
        weight = sum(point.weight for point in sentence.points)
        for point in sentence.points:
            share = round(lasting * point.weight / weight)
            trajectory.append(
                TrajectoryPoint(
                    order=len(trajectory) + 1,
                    sentence=sentence.number,
                    x_px=point.x_px,
                    y_px=point.y_px,
                    step=sentence.step,
                    onset_us=onset if lasting else None,
                    duration_us=share if lasting else None,
                )
            )
            onset += share
        now_us = onset
    return sentences, tuple(trajectory)


def _sentence(
    number: int, written: Written, square: Square, habits: Habits | None
) -> PredictedSentence:
    step = habits.step_of(written.text) if habits else None
    grid = len(written.map)
    x, y = square.to_image([0, grid], [0, grid], grid=grid)
    return PredictedSentence(
        number=number,
        text=written.text,
        region=region_of(written.map, square),
        points=points_of(written.map, written.rows, square),
        map=EvidenceMap(
            values=tuple(tuple(round(float(v), 6) for v in row) for row in written.map),
            x0_px=float(x[0]),
            y0_px=float(y[0]),
            x1_px=float(x[1]),
            y1_px=float(y[1]),
        ),
        confidence=written.confidence if written.confidence == written.confidence else None,
        step=step,
        step_name=habits.steps[step].name if habits and step else None,
    )
