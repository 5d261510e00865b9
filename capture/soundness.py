"""Is a session folder sound, its pictures and the order of its times included?"""

from collections.abc import Iterator
from pathlib import Path

from gazekit.image import read_display_png
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.layout import SessionLayout
from gazekit.model.records import ReadingRecord
from gazekit.model.recovery import verify_session
from gazekit.model.session import read_images, read_words, readings_of

__all__ = ["problems_of"]


def problems_of(root: Path) -> list[GazekitError]:
    """Return everything that is wrong with a session folder; [] when it is sound.

    Beside what `verify_session` checks: every image decodes to the pixels that its record names,
    readings do not overlap, and words lie within theirs.

    Raises
    ------
    DataError
        It is no session folder.
    """
    problems = verify_session(root)
    if problems:
        return problems
    readings = readings_of(root)
    return [
        *_image_problems(root),
        *_order_problems(readings),
        *_word_problems(root, {reading.reading_id: reading for reading in readings}),
    ]


def _image_problems(root: Path) -> Iterator[GazekitError]:
    layout = SessionLayout(root)
    for record in read_images(root):
        try:
            read_display_png(layout.image(record.image_id), record)
        except GazekitError as error:
            yield error


def _order_problems(readings: list[ReadingRecord]) -> Iterator[GazekitError]:
    previous_us = 0
    for reading in readings:
        end_us = reading.onset_us if reading.offset_us is None else reading.offset_us
        if reading.onset_us < previous_us:
            yield DataError(
                "the reading starts before the last one ended", where=reading.reading_id
            )
        if end_us < reading.onset_us:
            yield DataError("the reading ends before it starts", where=reading.reading_id)
        previous_us = end_us


def _word_problems(root: Path, readings: dict[str, ReadingRecord]) -> Iterator[GazekitError]:
    name = SessionLayout(root).transcript.name
    for line, word in enumerate(read_words(root), start=1):
        reading = readings[word.reading_id]
        if word.onset_us is None or word.offset_us is None:
            continue
        end_us = word.offset_us if reading.offset_us is None else reading.offset_us
        if not reading.onset_us <= word.onset_us <= word.offset_us <= end_us:
            yield DataError("the word lies outside its reading", where=f"{name} line {line}")
