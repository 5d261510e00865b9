"""Is this station fit to record? Asked before the session, all problems at once."""

import re
import shutil
import tempfile
from pathlib import Path

from gazekit.model.errors import GazekitError, ProblemsError, UnfitError, UsageError
from gazekit.model.protocol import Protocol
from gazekit.model.records import ScreenRecord

__all__ = [
    "check_consent",
    "check_display_area",
    "check_output",
    "check_reader",
    "check_screen_size",
]

_BYTES_PER_IMAGE = 60_000_000
"""Gaze at 1200 Hz for five minutes and the image, rounded up."""
_DISPLAY_TOLERANCE_MM = 5.0
_LONGEST_WORD = 3
_LONGEST_NUMBER = 6
_ROLES = {"reader", "radiologist", "resident", "student", "pilot", "test", "part", "subj"}
_ROLES |= {"participant", "subject", "expert", "novice"}


def check_reader(reader_id: str, protocol: Protocol) -> str:
    """Return the reader's code where it follows the protocol's pattern and identifies nobody.

    Names, dates and record numbers are refused however lax the pattern is: a code has a digit,
    no more than three letters in a row unless they say what the person is (``reader``), and no
    six digits.

    Raises
    ------
    UsageError
        It does not. The text is not repeated: it may be a name.
    """
    if not re.fullmatch(protocol.reader_pattern, reader_id):
        raise UsageError(
            "the reader's code does not follow the protocol",
            where="--reader",
            expected=f"a pseudonym like {protocol.reader_pattern}",
            remedy="never give a name, a date of birth or a record number",
        )
    why = _identifying(reader_id)
    if why is not None:
        raise UsageError(
            f"the reader's code looks like {why}",
            where="--reader",
            expected="a pseudonym such as R01",
            remedy="give the reader a code that identifies nobody; the list of codes stays with "
            "the study's coordinator",
        )
    return reader_id


def _identifying(code: str) -> str | None:
    """Say what a code looks like that may identify a person; None for a pseudonym."""
    if re.search(r"[0-9]{1,4}[-./_ ][0-9]{1,2}[-./_ ][0-9]{1,4}", code):
        return "a date"
    if len(re.sub(r"[^0-9]", "", code)) >= _LONGEST_NUMBER:
        return "a record number or a date"
    words = re.findall(r"[^\W\d_]+", code)
    if any(len(word) > _LONGEST_WORD and word.lower() not in _ROLES for word in words):
        return "a name"
    if not re.search(r"[0-9]", code):
        return "a name or initials: it has no number"
    return None


def check_consent(protocol: Protocol) -> None:
    """Refuse to record a person where the protocol does not state consent and ethics approval.

    Raises
    ------
    UnfitError
        `consent` or `ethics` is missing or empty.
    """
    for key, what in (("consent", "version of the consent form"), ("ethics", "approval's number")):
        if not (getattr(protocol, key) or "").strip():
            raise UnfitError(
                f"the protocol does not state {key}",
                where=key,
                expected=f"the {what}",
                remedy=f'add to the protocol, above its first section: {key} = "..."',
            )


def check_output(out: Path, images: int) -> None:
    """Make the output folder and try it: it must take a file, and have room for the session.

    Raises
    ------
    ProblemsError
        It cannot be written, or the disk is too full.
    """
    problems: list[GazekitError] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as file:
            file.write(b"0")
    except OSError as error:
        problems.append(
            UnfitError(f"cannot write: {error.strerror}", where=out, remedy="choose another --out")
        )
    else:
        need, free = images * _BYTES_PER_IMAGE, shutil.disk_usage(out).free
        if free < need:
            problems.append(
                UnfitError(
                    "the disk is too full",
                    where=out,
                    expected=f"{need // 1_000_000} MB",
                    found=f"{free // 1_000_000} MB free",
                    remedy="make room, or choose another --out",
                )
            )
    if problems:
        raise problems[0] if len(problems) == 1 else ProblemsError(problems)


def check_screen_size(found: ScreenRecord, protocol: Protocol) -> None:
    """Refuse a screen that is not the protocol's: every degree of visual angle would be wrong.

    Raises
    ------
    UnfitError
        The resolution differs.
    """
    plan = protocol.screen
    if (found.width_px, found.height_px) != (plan.width_px, plan.height_px):
        raise UnfitError(
            "the screen is not the protocol's",
            where="screen",
            expected=f"{plan.width_px} x {plan.height_px}",
            found=f"{found.width_px} x {found.height_px}",
            remedy="set the display's resolution, or measure this display into the protocol",
        )


def check_display_area(tracker_mm: tuple[float, float] | None, protocol: Protocol) -> None:
    """Refuse a tracker that was set up for a display of another size.

    Raises
    ------
    UnfitError
        Width or height differ by more than 5 mm.
    """
    plan_mm = (protocol.screen.width_mm, protocol.screen.height_mm)
    if tracker_mm is None:
        return
    if max(abs(a - b) for a, b in zip(tracker_mm, plan_mm, strict=True)) > _DISPLAY_TOLERANCE_MM:
        raise UnfitError(
            "the tracker was set up for another display",
            where="display area",
            expected=f"{plan_mm[0]:.0f} x {plan_mm[1]:.0f} mm",
            found=f"{tracker_mm[0]:.0f} x {tracker_mm[1]:.0f} mm",
            remedy="set it up in Tobii's Eye Tracker Manager, or measure it into the protocol",
        )
