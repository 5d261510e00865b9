"""Is this station fit to record? Asked before the session, all problems at once."""

import re
import shutil
import tempfile
from pathlib import Path

from gazekit.model.errors import GazekitError, ProblemsError, UnfitError, UsageError
from gazekit.model.protocol import Protocol
from gazekit.model.records import ScreenRecord

__all__ = ["check_display_area", "check_output", "check_reader", "check_screen_size"]

_BYTES_PER_IMAGE = 60_000_000
"""Gaze at 1200 Hz for five minutes and the image, rounded up."""
_DISPLAY_TOLERANCE_MM = 5.0


def check_reader(reader_id: str, protocol: Protocol) -> str:
    """Return the reader's code where it follows the protocol's pattern.

    Raises
    ------
    UsageError
        It does not. The text is not repeated: it may be a name.
    """
    if re.fullmatch(protocol.reader_pattern, reader_id):
        return reader_id
    raise UsageError(
        "the reader's code does not follow the protocol",
        where="--reader",
        expected=f"a pseudonym like {protocol.reader_pattern}",
        remedy="never give a name, a date of birth or a record number",
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
