"""Which of the 14 findings does a sentence assert, deny or leave open? A rule-based proxy labeller.

It is a proxy: short patterns, and the scopes of `gazekit.align.assertions`. It is not the CheXpert
labeller (Irvin et al. 2019, arXiv:1901.07031), whose classes it uses, and its figures are never to
be reported under that name.
"""

import re
from functools import lru_cache

from gazekit.align.assertions import assertion_at, clauses
from gazekit.model.records import Assertion
from gazekit.model.vocabulary import CLASS_OF_LABEL

__all__ = ["assertions_of", "class_of", "labels_of"]

_PATTERNS: dict[str, str] = {
    "Enlarged Cardiomediastinum": (
        r"(?:wide(?:ned|ning of the)?|enlarged|prominent) (?:\w+ )?(?:cardio)?mediastin(?:um|al)"
        r"|(?:cardio)?mediastinal (?:widening|enlargement"
        r"|silhouette (?:is|appears) (?:\w+ )?enlarged"
        r"|contours? (?:is|are|appears?) (?:\w+ )?(?:enlarged|widened))"
        r"|(?:cardio)?mediastinum (?:is|appears) (?:\w+ )?(?:wide|enlarged)\w*"
    ),
    "Cardiomegaly": (
        r"cardiomegaly|(?:enlarged|large) (?:\w+ )?(?:heart|cardiac)"
        r"|(?:heart|cardiac silhouette)(?: size)?(?: \w+){0,2} (?:is|appears|remains) "
        r"(?:\w+ ){0,2}(?:enlarged|increased|large)|(?:cardiac|heart) enlargement"
        r"|(?:heart|cardiac silhouette) (?:is|appears|remains) top.normal"
    ),
    "Lung Opacity": (
        r"opacit(?:y|ies)|opacification|infiltrat(?:es?|ion)|air ?space disease|haziness"
    ),
    "Lung Lesion": (
        r"nodul(?:es?|ar(?! pattern))|mass(?:es)?|(?:lung|pulmonary) lesions?|tumou?rs?"
        r"|cavit(?:y|ies|ary|ation)|metastas[ei]s|granulomas?|neoplasm"
    ),
    "Edema": (
        r"(?:pulmonary |interstitial |alveolar )?o?edema|(?:pulmonary )?vascular congestion"
        r"|kerley|heart failure|volume overload|fluid overload"
    ),
    "Consolidation": r"consolidat\w+",
    "Pneumonia": (
        r"pneumonias?|bronchopneumonia|infectious process|infection|aspiration pneumonitis"
    ),
    "Atelectasis": (
        r"atelecta\w+|volume loss|collapse of the \w+(?: \w+)? lobe|(?:lobar|lobe) collapse"
    ),
    "Pneumothorax": r"(?:hydro)?pneumothora(?:x|ces)",
    "Pleural Effusion": (
        r"(?<!pericardial )effusions?|pleural fluid|hydropneumothora(?:x|ces)|hemothorax"
        r"|blunt\w* (?:of )?(?:the )?(?:\w+ ){0,2}costophrenic"
        r"|costophrenic (?:angle|sulcus) (?:is|appears) (?:\w+ )?blunted"
    ),
    "Pleural Other": (
        r"pleural(?:[- ]based)? (?:\w+ )?(?:thickening|plaques?|scarring|calcifications?|scar)"
        r"|fibrothorax|mesothelioma"
    ),
    "Fracture": r"fractur\w+",
    "Support Devices": (
        r"pacemakers?|pacers?|catheters?|(?:endotracheal|nasogastric|orogastric|enteric|chest"
        r"|tracheostomy|feeding|dobhoff|ng|et) tubes?|tracheostomy|picc"
        r"|(?:central|subclavian|jugular|picc|venous)(?: venous)? lines?"
        r"|(?:support|implanted) devices?"
        r"|(?:sternal|sternotomy) wires?|electrodes?|(?:venous )?port(?:s|-a-cath)?\b(?! of)|leads?"
        r"|stents?|prosthe\w+|defibrillators?|swan-ganz|balloon pump|(?:surgical|vascular) clips?"
        r"|(?:pigtail|chest|pleural) drains?|icd|hardware|valve replacement"
    ),
}
_NORMAL_OF: dict[str, str] = {
    "Cardiomegaly": (
        r"(?:heart|cardiac silhouette)(?: size)? (?:is|appears|remains) "
        r"(?:\w+ )*?(?:normal|unremarkable)"
        r"|normal (?:heart|cardiac) size|(?:heart|cardiac) size (?:is )?within normal"
        r"|heart (?:is )?not (?:\w+ )?enlarged|normal (?:heart|cardiac silhouette)"
    ),
    "Enlarged Cardiomediastinum": (
        r"(?:cardio)?mediastin(?:um|al)(?: (?:silhouettes?|contours?))? (?:is|are|appears?) "
        r"(?:\w+ )*?(?:normal|unremarkable|not (?:\w+ )?(?:widened|enlarged))"
        r"|normal (?:cardio)?mediastin(?:um|al)|mediastinum (?:is )?not (?:\w+ )?widened"
        r"|cardiomediastinal silhouette (?:is )?within normal"
    ),
}
_COMPILED = {
    label: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for label, pattern in _PATTERNS.items()
}
_NORMALS = {
    label: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for label, pattern in _NORMAL_OF.items()
}
_NORMAL = re.compile(
    r"\b(?:no (?:evidence of )?(?:acute |significant |active )*"
    r"(?:cardiopulmonary |intrathoracic |chest |cardiothoracic )*"
    r"(?:findings?|abnormalit\w+|disease|process)|normal (?:chest|study|radiograph|examination)"
    r"|unremarkable (?:chest|study|radiograph|examination))\b",
    re.IGNORECASE,
)
_RANK: dict[Assertion, int] = {"absent": 0, "uncertain": 1, "present": 2}


@lru_cache(maxsize=4096)
def labels_of(text: str) -> tuple[str, ...]:
    """Return the findings that `text` asserts as present, in the order of the 14 classes.

    What is denied or left open (``possible``, ``cannot be excluded``) is not among them; see
    `assertions_of`. ``No Finding`` is returned alone, for a sentence that says so and neither
    asserts nor leaves open anything else.
    """
    found = assertions_of(text)
    return tuple(label for label, assertion in found if assertion == "present")


@lru_cache(maxsize=4096)
def assertions_of(text: str) -> tuple[tuple[str, Assertion], ...]:
    """Return each finding that `text` mentions, with what it says of it.

    Returns
    -------
    tuple of (label, assertion)
        In the order of the 14 classes; ``present``, ``absent`` or ``uncertain``. Of several
        mentions of one class the most affirmative counts.
    """
    parts = clauses(text)
    found: dict[str, Assertion] = {}
    for label, pattern in _COMPILED.items():
        said = [assertion_at(parts, *match.span()) for match in pattern.finditer(text)]
        if label in _NORMALS and _NORMALS[label].search(text):
            said.append("absent")
        if said:
            found[label] = max(said, key=_RANK.__getitem__)
    if _NORMAL.search(text) and set(found.values()) <= {"absent"}:
        found = {"No Finding": "present", **found}
    return tuple(found.items())


def class_of(label: str) -> str | None:
    """Return which of the 14 classes a finding's label means, None where it is none of them."""
    return CLASS_OF_LABEL.get(label.lower())
