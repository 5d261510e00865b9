"""Which findings does the rule-based labeller hear?"""

import pytest

from gazekit.metrics import SentenceLabeller, f1_counts
from gazekit.metrics.labels import KEYWORDS
from gazekit.model.vocabulary import FINDING_LABELS


def test_a_known_sentence_keeps_its_labels_whatever_the_keywords_say() -> None:
    label = SentenceLabeller([("The nodule is gone.", [])])
    assert label("the nodule is gone") == frozenset()


def test_the_most_frequent_labels_win() -> None:
    label = SentenceLabeller([("Dense.", ["Edema"]), ("Dense.", ["Edema"]), ("dense", [])])
    assert label("Dense.") == {"Edema"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is a small left pleural effusion.", {"Pleural Effusion"}),
        ("No pleural effusion or pneumothorax.", set()),
        ("The lungs are clear of consolidation.", set()),
        ("Cardiomegaly without edema.", {"Cardiomegaly"}),
        ("Two nodules and a rib fracture.", {"Lung Lesion", "Fracture"}),
        ("The massive heart.", set()),
        ("", set()),
    ],
)
def test_keywords_with_negation(text: str, expected: set[str]) -> None:
    assert SentenceLabeller()(text) == expected


def test_every_keyword_label_is_a_finding_label() -> None:
    assert set(KEYWORDS) <= set(FINDING_LABELS)


def test_f1_counts_by_hand() -> None:
    # one hit, one false alarm, two misses: F1 = 2 / (2 + 1 + 2)
    assert f1_counts({"a", "b"}, {"a", "c", "d"}) == (2, 5)
    assert f1_counts(set(), set()) == (0, 0)
