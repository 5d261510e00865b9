"""Which step of the review protocol does a sentence belong to?"""

import re
from functools import lru_cache

from gazekit.model.protocol import Step

__all__ = ["step_of"]


@lru_cache(maxsize=4096)
def step_of(text: str, steps: tuple[Step, ...]) -> str | None:
    """Return the code of the step whose terms fill most of the sentence, None when it uses none.

    Terms match whole words, without regard to case, with a plural (``s``, ``es``, ``y`` to
    ``ies``), and a hyphen for a space of theirs. Letters are counted, so that a long, specific
    term outweighs a short one; where two steps are level, the term that stands first decides.
    """
    best: tuple[int, int, str] | None = None
    for step in steps:
        hits = [m.span() for term in step.terms for m in _pattern(term).finditer(text)]
        if hits:
            letters = sum(end - start for start, end in hits)
            rank = (-letters, min(hits)[0], step.code)
            best = rank if best is None else min(best, rank)
    return best[2] if best else None


@lru_cache(maxsize=1024)
def _pattern(term: str) -> re.Pattern[str]:
    words = r"[ -]".join(re.escape(word) for word in re.split(r"[ -]", term))
    plural = rf"{words}(?:s|es)?"
    if term.endswith("y"):
        plural = rf"(?:{plural}|{words[:-1]}ies)"
    return re.compile(rf"\b{plural}\b", re.IGNORECASE)
