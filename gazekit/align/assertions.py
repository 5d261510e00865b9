"""Is what a sentence mentions said to be there, said not to be there, or left open?

Cues and their scopes in the manner of NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029): a
cue before a mention reaches forward to the end of its clause, a cue behind it reaches back, and
phrases that only look like denial (``no change in``) are set aside first. Written for English
radiograph reports; a proxy for a reader, not a validated labeller.
"""

import re
from typing import NamedTuple

from gazekit.model.records import Assertion

__all__ = ["Clause", "assertion_at", "clauses"]

_PSEUDO = re.compile(
    r"\bno (?:\w+ )?(?:interval |significant |appreciable |substantial )*(?:change|increase"
    r"|decrease|progression|improvement|worsening|resolution)(?: in| of| from)?\b"
    r"|\bnot (?:only|necessarily|(?:significantly |appreciably |substantially )*(?:changed|improved"
    r"|increased|worsened|resolved|cleared))\b"
    r"|\bwithout (?:significant |interval )*(?:change|improvement|progression)(?: in| of)?\b"
    r"|\b(?:un)?doubtedly\b|\bno doubt\b|\bno longer as\b"
    r"|\bnot well (?:seen|evaluated|visuali[sz]ed)\b",
    re.IGNORECASE,
)
_OPEN_BEFORE = re.compile(
    r"\b(?:(?:can ?not|can't|could not|difficult to|hard to|unable to|not) "
    r"(?:be |entirely |completely |definitively |reliably )*"
    r"(?:exclude[sd]?|rule[sd]? out)(?! by)"
    r"|possibl[ey]|potential(?:ly)?|prob(?:able|ably)|presum(?:ed|ably)|likely|suspected|suspect"
    r"|suspicious (?:for|of)|suspicion (?:for|of)|concern(?:ing)? (?:for|of)|question(?:able|ed)?"
    r"|query|equivocal|may (?:represent|reflect|be|indicate|suggest|relate)|might|could"
    r"|(?<!to )suggest(?:s|ive of|ing|ed)?|differential|versus|vs\.?|whether|perhaps|worrisome for"
    r"|rule out|r/o|to exclude|evaluate for|consider(?:ation of)?|raises? the possibility of)\b",
    re.IGNORECASE,
)
_OPEN_BEHIND = re.compile(
    r"\b(?:(?:can ?not|can't|could not|not) (?:be )?(?:entirely |completely |definitively )*"
    r"(?:excluded|ruled out)|(?:is|are) (?:possible|suspected|questioned|questionable|likely"
    r"|probable|considered|not excluded)|suspected|would be difficult to exclude)"
    r"(?=\W|$)",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"[^,]{0,40}\b(?:versus|vs)\b", re.IGNORECASE)
_DENIED_BEFORE = re.compile(
    r"\b(?:no|not|without|absent|absence of|lack of|free of|free from|negative for|clear of"
    r"|resolved|resolution of|excluded|rul(?:es|ed) out|never|neither|nor|rather than|instead of"
    r"|denies|interval (?:removal|extubation)|removal of|removed|evacuat(?:ed|ion of)"
    r"|fails? to (?:show|demonstrate))\b",
    re.IGNORECASE,
)
_DENIED_BEHIND = re.compile(
    r"\b(?:(?:is|are|was|were|has|have) (?:\w+ )?(?:not|absent|excluded|ruled out|gone|unlikely"
    r"|resolved|cleared)|(?:has|have) been (?:removed|excluded|ruled out|evacuated|withdrawn)"
    r"|not (?:seen|identified|present|evident|demonstrated|visuali[sz]ed|appreciated|visible"
    r"|enlarged)|unlikely|resolved|absent|ruled out|excluded|removed)\b",
    re.IGNORECASE,
)
_SUBJECT = (
    r"(?:there|the (?:[\w-]+ ){1,4}(?:is|are|has|have|appears?|remains?)|(?:heart|lungs?|trachea"
    r"|aorta|mediastinum) (?:is|are|size)|an?\b|both|this|it)"
)
_SIZES = (
    r"(?:small|mild|moderate|large|new|stable|unchanged|persistent|increas\w+|minimal|trace|old"
    r"|healed|chronic|tiny|slight)"
)
_TURN = re.compile(
    rf"\b(?:but|however|although|though|except|aside from|apart from|other than|yet|while|whereas"
    rf"|still)\b|[;.:]\s|[;:]$"
    rf"|\b(?<!consistent )(?<!compatible )(?<!associated )(?<!keeping )with\b(?! (?:no|out)\b)"
    rf"|,? and (?={_SUBJECT})|, (?:(?={_SUBJECT})|(?={_SIZES}\b)(?![^.;]*\bor\b))",
    re.IGNORECASE,
)


class Clause(NamedTuple):
    """A clause of a sentence, what only looks like denial blanked out; `start` in the sentence."""

    start: int
    text: str


def clauses(sentence: str) -> tuple[Clause, ...]:
    """Return the clauses within which a cue holds; together they cover the sentence."""
    blank = _PSEUDO.sub(lambda match: "~" * len(match.group()), sentence)
    starts = [0, *(match.end() for match in _TURN.finditer(blank))]
    stops = [*starts[1:], len(blank)]
    return tuple(Clause(a, blank[a:b]) for a, b in zip(starts, stops, strict=True))


def assertion_at(parts: tuple[Clause, ...], start: int, stop: int) -> Assertion:
    """Return what is asserted of the mention at ``sentence[start:stop]``.

    The nearest cue before the mention wins over one that stands further off; what is left open
    (``pneumonia cannot be excluded``) wins over denial behind it.
    """
    clause = next(part for part in reversed(parts) if part.start <= start)
    before = clause.text[: start - clause.start]
    inside = clause.text[start - clause.start : stop - clause.start]
    behind = clause.text[stop - clause.start :]
    if _OPEN_BEHIND.search(_near(behind)) or _VERSUS.match(behind):
        return "uncertain"
    open_at = _last(_OPEN_BEFORE, before)
    denied_at = _last(_DENIED_BEFORE, before)
    if open_at > denied_at or (open_at >= 0 and denied_at < _end(_OPEN_BEFORE, before)):
        return "uncertain"
    if denied_at >= 0 or _DENIED_BEFORE.search(inside) or _DENIED_BEHIND.search(_near(behind)):
        return "absent"
    return "present"


def _near(behind: str) -> str:
    """Return what stands behind a mention until a second thing is said of something."""
    return re.split(r"\b(?:and|,) (?:the|there)\b|\bwhich\b", behind, maxsplit=1)[0][:90]


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _end(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last cue that spans a denial ends (``cannot exclude`` holds ``not``)."""
    found = [m for m in pattern.finditer(text) if _DENIED_BEFORE.search(m.group())]
    return max((match.end() for match in found), default=-1)
