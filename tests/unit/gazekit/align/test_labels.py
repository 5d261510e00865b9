"""Does the proxy labeller tell what a sentence asserts from what it denies?"""

import pytest

from gazekit.align import labels_of, step_of
from gazekit.model.protocol import Step

STEPS = (
    Step(code="A", name="Airways", terms=("trachea", "airway")),
    Step(code="B", name="Breathing", terms=("lung", "pleural effusion", "opacity")),
    Step(code="C", name="Circulation", terms=("heart", "mediastinum")),
)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("There is a left pleural effusion.", ("Pleural Effusion",)),
        ("No pleural effusion or pneumothorax.", ()),
        ("No effusion, but a nodule in the right upper lobe.", ("Lung Lesion",)),
        ("The heart is mildly enlarged.", ("Cardiomegaly",)),
        ("The heart is not enlarged.", ()),
        ("The heart size is normal.", ()),
        ("Consolidation with small effusion.", ("Consolidation", "Pleural Effusion")),
        ("Pneumothorax is not seen.", ()),
        ("A nasogastric tube is in place.", ("Support Devices",)),
        ("Old rib fractures.", ("Fracture",)),
        ("No acute cardiopulmonary abnormality.", ("No Finding",)),
        ("Normal chest.", ("No Finding",)),
        ("", ()),
    ],
)
def test_labels(text: str, labels: tuple[str, ...]) -> None:
    assert labels_of(text) == labels


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("The trachea is midline.", "A"),
        ("The lungs are clear.", "B"),
        ("Heart beside the lungs and the mediastinum.", "C"),
        ("Lung then heart.", "C"),
        ("Pleural effusion beside the heart.", "B"),
        ("Patchy opacities.", "B"),
        ("A pleural-effusion.", "B"),
        ("Thank you.", None),
        ("Bulunga.", None),
    ],
)
def test_step(text: str, step: str | None) -> None:
    assert step_of(text, STEPS) == step
