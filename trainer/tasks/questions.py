"""What can be asked about a reading? Presence, side, place and review step of what was judged.

An answer is what somebody judged, or a place that somebody marked; never gaze, never text. That a
label is absent is asked only where it was said to be, or where the data is complete, which only a
simulation is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gazekit.model.templates import QUESTIONS, QuestionKind
from trainer.corpus import Finding, Sample
from trainer.tasks.choice import number

__all__ = ["Question", "QuestionBank", "questions_of"]

_ANSWERS = {"present": "yes", "absent": "no", "uncertain": "uncertain"}
_MIDDLE = 0.1
"""Half the width of the strip, as a share of the image, that is neither right nor left."""


@dataclass(frozen=True)
class Question:
    """A question with its answer; `sentence`: that which tells, None where none does."""

    kind: str
    text: str
    answer: str
    sentence: int | None = None


@dataclass(frozen=True)
class QuestionBank:
    """What questions are made of.

    `labels`: those that the dataset knows, and may be asked about where the data is complete.
    `steps`: names of the review steps by letter. `asked`: a user's own questions by image.
    """

    labels: Sequence[str] = ()
    steps: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Sequence[Question]] = field(default_factory=dict)


def questions_of(sample: Sample, bank: QuestionBank, *, seed: int) -> list[Question]:
    """Return all questions of a reading, as many about absent labels as about present ones.

    `seed` chooses phrasings, and which absent labels are asked about.
    """
    judged: dict[str, set[str]] = {}
    for finding in sample.findings:
        judged.setdefault(finding.label, set()).add(finding.assertion)
    stated = {label: next(iter(said)) for label, said in judged.items() if len(said) == 1}
    found: list[Question] = []
    for label, assertion in {**stated, **_absent(sample, judged, bank.labels, seed)}.items():
        found.append(_ask("presence", sample, label, _ANSWERS[assertion], seed=seed))
    for finding in sample.findings:
        if stated.get(finding.label) == "present" and _alone(sample, finding.label):
            found += _about(sample, finding, bank.steps, seed)
    return found


def _absent(
    sample: Sample, judged: Mapping[str, object], labels: Sequence[str], seed: int
) -> dict[str, str]:
    """Choose, where the data is complete, as many absent labels as there are present ones."""
    if not sample.complete:
        return {}
    rest = [label for label in labels if label not in judged]
    rest.sort(key=lambda label: number("absent", seed, sample.reading_id, label))
    return dict.fromkeys(rest[: max(1, len(judged))], "absent")


def _alone(sample: Sample, label: str) -> bool:
    return sum(finding.label == label for finding in sample.findings) == 1


def _about(
    sample: Sample, finding: Finding, steps: Mapping[str, str], seed: int
) -> Iterator[Question]:
    if finding.box is not None:
        for kind, name in _PLACES.items():
            answer = name(finding.box, sample.image_size)
            yield _ask(kind, sample, finding.label, answer, seed=seed)
    teller = _teller(sample, finding.label)
    step = None if teller is None else sample.sentences[teller].step
    if step is not None and step in steps:
        yield _ask("step", sample, finding.label, steps[step].lower(), seed=seed)


def _side(box: tuple[float, float, float, float], size: tuple[int, int]) -> str:
    """Return the patient's side: the image shows the patient's right on its left."""
    off = (box[0] + box[2]) / 2 / size[0] - 0.5
    return "midline" if abs(off) < _MIDDLE else "left" if off > 0 else "right"


def _zone(box: tuple[float, float, float, float], size: tuple[int, int]) -> str:
    """Return the third of the image's height."""
    third = int((box[1] + box[3]) / 2 / size[1] * 3)
    return ("upper", "middle", "lower")[min(max(third, 0), 2)]


_PLACES: dict[QuestionKind, Callable[[tuple[float, float, float, float], tuple[int, int]], str]] = {
    "side": _side,
    "place": _zone,
}


def _ask(kind: QuestionKind, sample: Sample, label: str, answer: str, *, seed: int) -> Question:
    phrases = QUESTIONS[kind]
    chosen = phrases[number(kind, seed, sample.reading_id, label) % len(phrases)]
    text = chosen.replace("{label}", label.lower())
    return Question(kind, text, answer, _teller(sample, label))


def _teller(sample: Sample, label: str) -> int | None:
    """Return the sentence that names a label."""
    return next((i for i, s in enumerate(sample.sentences) if label in s.labels), None)
