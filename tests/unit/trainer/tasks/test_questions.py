"""Are questions made of what was judged alone, and their answers right?"""

from dataclasses import replace

import pytest

from trainer.corpus import Finding, Sample
from trainer.tasks import Question, Setting, questions_of


def _asked(sample: Sample, setting: Setting) -> dict[tuple[str, str], str]:
    questions = questions_of(sample, setting.bank, seed=0)
    assert len({q.text for q in questions}) == len(questions)
    return {(q.kind, _label(q, setting)): q.answer for q in questions}


def _label(question: Question, setting: Setting) -> str:
    return next(label for label in setting.bank.labels if label.lower() in question.text)


def test_a_placed_finding_is_asked_for_its_side_place_and_step(
    sample: Sample, setting: Setting
) -> None:
    asked = _asked(sample, setting)
    assert asked["presence", "Lung Lesion"] == "yes"
    assert asked["side", "Lung Lesion"] == "left"  # of the patient: the image's right
    assert asked["place", "Lung Lesion"] == "upper"
    assert asked["step", "Lung Lesion"] == "breathing"
    absent = [answer for (kind, label), answer in asked.items() if label != "Lung Lesion"]
    assert absent == ["no"], "one absent label for the present one"


def test_that_a_label_is_absent_is_not_invented(sample: Sample, setting: Setting) -> None:
    asked = _asked(replace(sample, complete=False), setting)
    assert "no" not in asked.values()
    said = (*sample.findings, Finding("Edema", "absent", None))
    asked = _asked(replace(sample, complete=False, findings=said), setting)
    assert asked["presence", "Edema"] == "no"


def test_what_was_judged_in_two_ways_is_not_asked(sample: Sample, setting: Setting) -> None:
    twice = (*sample.findings, Finding("Lung Lesion", "absent", None))
    kinds = _asked(replace(sample, findings=twice), setting)
    assert ("presence", "Lung Lesion") not in kinds


@pytest.mark.parametrize(
    ("box", "side", "zone"),
    [
        ((10.0, 150.0, 30.0, 190.0), "right", "lower"),
        ((70.0, 90.0, 90.0, 110.0), "midline", "middle"),
    ],
)
def test_sides_are_the_patients(
    sample: Sample, setting: Setting, box: tuple[float, float, float, float], side: str, zone: str
) -> None:
    asked = _asked(replace(sample, findings=(Finding("Lung Lesion", "present", box),)), setting)
    assert asked["side", "Lung Lesion"] == side
    assert asked["place", "Lung Lesion"] == zone


def test_two_places_of_a_label_have_no_one_side(sample: Sample, setting: Setting) -> None:
    two = (*sample.findings, Finding("Lung Lesion", "present", (10.0, 20.0, 30.0, 40.0)))
    kinds = {kind for kind, _ in _asked(replace(sample, findings=two), setting)}
    assert kinds == {"presence"}
