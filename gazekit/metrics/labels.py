"""Which findings does a sentence assert? A rule-based proxy, and the counts of an F1 score.

The labeller knows the sentences of a corpus whose labels are known, and falls back to keywords
with simple negation. It stands in for learnt report labellers and is never to be named after one.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType

__all__ = ["KEYWORDS", "SentenceLabeller", "f1_counts"]

KEYWORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Enlarged Cardiomediastinum": ("widened mediastinum", "mediastinum is wide"),
        "Cardiomegaly": ("cardiomegaly", "enlarged heart", "heart is enlarged"),
        "Lung Opacity": ("opacity", "opacities", "opacification"),
        "Lung Lesion": ("nodule", "nodules", "mass", "masses", "lesion"),
        "Edema": ("edema", "oedema", "vascular congestion"),
        "Consolidation": ("consolidation", "consolidations"),
        "Pneumonia": ("pneumonia", "infection"),
        "Atelectasis": ("atelectasis", "atelectases", "collapse"),
        "Pneumothorax": ("pneumothorax", "pneumothoraces"),
        "Pleural Effusion": ("effusion", "effusions", "pleural fluid"),
        "Pleural Other": ("pleural thickening", "pleural plaque"),
        "Fracture": ("fracture", "fractures", "fractured"),
        "Support Devices": ("tube", "catheter", "line", "pacemaker", "device", "drain", "wire"),
    }
)
"""Words that name a finding in English dictation."""

_NEGATION = re.compile(r"\b(no|not|without|free of|clear of|absent|negative for|resolved)\b")


class SentenceLabeller:
    """Label sentences by a corpus' own labels, and unknown ones by keywords.

    Parameters
    ----------
    known
        Pairs of a sentence and its labels, such as those of a training split. A sentence with
        several label sets gets the most frequent one.
    """

    def __init__(self, known: Iterable[tuple[str, Iterable[str]]] = ()) -> None:
        votes: dict[str, Counter[frozenset[str]]] = defaultdict(Counter)
        for text, labels in known:
            votes[_normalised(text)][frozenset(labels)] += 1
        self._known = {text: min(count.items(), key=_rank)[0] for text, count in votes.items()}

    def __call__(self, text: str) -> frozenset[str]:
        """Return the findings that `text` asserts as present."""
        key = _normalised(text)
        return self._known[key] if key in self._known else _by_keyword(key)


def f1_counts(predicted: AbstractSet[str], truth: AbstractSet[str]) -> tuple[int, int]:
    """Return ``(2 TP, 2 TP + FP + FN)``: summed over readings, their ratio is the micro F1."""
    hits = len(predicted & truth)
    return 2 * hits, len(predicted) + len(truth)


def _rank(item: tuple[frozenset[str], int]) -> tuple[int, list[str]]:
    """Order label sets: most frequent first, then by name, so that ties are decided alike."""
    return -item[1], sorted(item[0])


def _normalised(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _by_keyword(text: str) -> frozenset[str]:
    found = set()
    for label, words in KEYWORDS.items():
        for word in words:
            match = re.search(rf"\b{word}\b", text)
            if match and not _NEGATION.search(text[: match.start()]):
                found.add(label)
    return frozenset(found)
