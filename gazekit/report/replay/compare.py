"""May these readings be seen side by side? Those of one image may, and without voices."""

from collections.abc import Sequence

from gazekit.model.errors import UsageError
from gazekit.report.replay.recording import Recording

__all__ = ["check_comparable"]


def check_comparable(recordings: Sequence[Recording]) -> None:
    """Check that several recordings are different readings of one image, and silent.

    A recording without a picture has no image to compare. Of several images the first counts.

    Raises
    ------
    UsageError
        They are of different images, one is given twice, or there are voices: nobody can tell
        which of them is heard.
    """
    first, *others = recordings
    names = [one.reading_id for one in recordings]
    for at, one in enumerate(others, 1):
        if one.reading_id in names[:at]:
            raise UsageError("a reading is given twice", where=one.reading_id)
        if _image(one) != _image(first):
            raise UsageError(
                "readings of different images do not go side by side",
                where=one.reading_id,
                expected=f"{_image(first)}, as {first.reading_id}",
                found=_image(one),
            )
    if others and any(one.sounds for one in recordings):
        raise UsageError(
            "several voices at once", remedy="leave out --audio, or replay one reading at a time"
        )


def _image(recording: Recording) -> str | None:
    return recording.pictures[0].image_id if recording.pictures else None
