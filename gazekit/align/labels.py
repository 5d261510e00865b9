"""Which of the 14 findings does a sentence assert as present? A rule-based proxy labeller.

It is a proxy: short patterns and negation within the sentence, in the spirit of NegEx (Chapman et
al. 2001, doi:10.1006/jbin.2001.1029). It is not the CheXpert labeller, and its figures are never
to be reported under that name.
"""

import re
from functools import lru_cache

from gazekit.model.vocabulary import CLASS_OF_LABEL

__all__ = ["class_of", "labels_of"]

_PATTERNS: dict[str, str] = {
    "Enlarged Cardiomediastinum": (
        r"(?:wide(?:ned|ning of the)?|enlarged) (?:\w+ )?(?:cardio)?mediastinum"
        r"|mediastinal (?:widening|enlargement)|mediastinum (?:is|appears) (?:wide|enlarged)\w*"
    ),
    "Cardiomegaly": (
        r"cardiomegaly|(?:enlarged|large) (?:\w+ )?(?:heart|cardiac)"
        r"|(?:heart|cardiac silhouette)(?: size)?(?: \w+){0,2} (?:is|appears) (?:\w+ )?enlarged"
        r"|cardiac enlargement"
    ),
    "Lung Opacity": r"opacit(?:y|ies)|opacification|infiltrat\w+|airspace disease",
    "Lung Lesion": r"nodul(?:e|es|ar)|mass(?:es)?|lung lesions?|tumou?rs?|cavit(?:y|ies|ary)",
    "Edema": r"(?:pulmonary |interstitial )?o?edema|vascular congestion|kerley",
    "Consolidation": r"consolidat\w+",
    "Pneumonia": r"pneumonias?|infectious process",
    "Atelectasis": r"atelecta\w+|volume loss|collapse of the \w+ lobe|lobar collapse",
    "Pneumothorax": r"pneumothora(?:x|ces)",
    "Pleural Effusion": r"effusions?|pleural fluid|blunt\w* (?:of the )?(?:\w+ )?costophrenic",
    "Pleural Other": r"pleural (?:thickening|plaques?|scarring|calcifications?)",
    "Fracture": r"fractur\w+",
    "Support Devices": (
        r"pacemakers?|catheters?|(?:endotracheal|nasogastric|chest|tracheostomy|feeding) tubes?"
        r"|picc|central (?:venous )?lines?|(?:support|implanted) devices?"
        r"|sternal wires?|electrodes?|(?:venous )?ports?(?:-a-cath)?|leads?|stents?|prosthe\w+"
    ),
}
_COMPILED = {
    label: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for label, pattern in _PATTERNS.items()
}
_NORMAL = re.compile(
    r"\b(?:no (?:acute |significant )?(?:cardiopulmonary |intrathoracic )?"
    r"(?:findings?|abnormalit\w+|disease|process)|normal (?:chest|study|radiograph|examination)"
    r"|unremarkable (?:chest|study|radiograph|examination))\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:no|not|without|absent|absence of|free of|negative for|clear of|resolved|excluded"
    r"|rule[sd]? out|never|neither|nor)\b",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(
    r"^[^,;]{0,40}?\b(?:(?:is|are|was|were) (?:not|absent|excluded|ruled out)|not seen|unlikely)\b",
    re.IGNORECASE,
)
_TURN = re.compile(r"\b(?:but|however|although|though|except|with)\b|[;.]", re.IGNORECASE)


@lru_cache(maxsize=4096)
def labels_of(text: str) -> tuple[str, ...]:
    """Return the findings that `text` asserts as present, in the order of the 14 classes.

    A mention is negated by a cue before it in the same clause (a clause ends at ``but``,
    ``however``, ``with``, ``;`` ...), or by ``is not``, ``absent``, ``unlikely`` right behind it.
    ``No Finding`` is returned alone, for a sentence that says so and asserts nothing else.
    """
    found = tuple(label for label, pattern in _COMPILED.items() if _asserted(pattern, text))
    if not found and _NORMAL.search(text):
        return ("No Finding",)
    return found


def class_of(label: str) -> str | None:
    """Return which of the 14 classes a finding's label means, None where it is none of them."""
    return CLASS_OF_LABEL.get(label.lower())


def _asserted(pattern: re.Pattern[str], text: str) -> bool:
    return any(not _negated(text, match) for match in pattern.finditer(text))


def _negated(text: str, match: re.Match[str]) -> bool:
    clause = _TURN.split(text[: match.start()])[-1] + match.group()
    return bool(_NEGATION.search(clause) or _NEGATED_AFTER.match(text[match.end() :]))
