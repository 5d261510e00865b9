"""What does an evaluation say of a run, and of a run beside another?"""

import msgspec

from gazekit.metrics import Difference, Figure, Votes
from gazekit.model.version import DISCLAIMER
from trainer.region import REGION_RULE

__all__ = ["Comparison", "Evaluation"]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a run less those of another on the same readings, paired by patient."""

    run: str
    checkpoint: str
    gaze: str
    differences: dict[str, Difference]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one run on one split, with 95 % intervals by bootstrap over patients.

    `tasks`: the names of the figures of each task. `by_finding`, `by_reader`: the same figures of
    a part of the readings, without what they are compared with. `votes`: of model and readers
    against the majority of an image's other readers, where images have several.
    """

    checkpoint: str
    split: str
    fingerprint: str
    simulated: bool
    readings: int
    patients: int
    readers: int
    gaze: str
    figures: dict[str, Figure]
    tasks: dict[str, tuple[str, ...]]
    by_finding: dict[str, dict[str, Figure]]
    by_reader: dict[str, dict[str, Figure]]
    votes: dict[str, Votes]
    meanings: dict[str, str]
    against: Comparison | None = None
    region_rule: str = REGION_RULE
    disclaimer: str = DISCLAIMER
