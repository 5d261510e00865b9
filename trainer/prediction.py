"""What a prediction says: a report, its sentences with evidence, the inspection trajectory."""

import msgspec

from gazekit.model.version import DISCLAIMER
from trainer.evidence import Point, Region

__all__ = ["PredictedSentence", "Prediction", "TrajectoryPoint"]


class PredictedSentence(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with its evidence; `number` is the one on the overlay, from 1."""

    number: int
    text: str
    region: Region
    points: tuple[Point, ...]


class TrajectoryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the inspection trajectory: its turn, from 1, and the sentence it belongs to."""

    order: int
    sentence: int
    x_px: float
    y_px: float


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
    disclaimer: str = DISCLAIMER
