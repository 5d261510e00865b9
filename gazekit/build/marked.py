"""Which readings are left out because a person marked them, in `gazekit view` or by hand?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gazekit.build.plan import PlannedSource
from gazekit.model.errors import did_you_mean
from gazekit.model.layout import DatasetLayout
from gazekit.model.marked import Mark, read_marks
from gazekit.model.records import ReadingRecord
from gazekit.read import Catalogue, Exclusion

__all__ = ["marks_for", "unknown_marks", "without_marked"]


def marks_for(layout: DatasetLayout, given: Path | None) -> tuple[Mark, ...]:
    """Read the exclusions file that is given, or the one beside the dataset, where there is one.

    Raises
    ------
    UsageError, ProblemsError
        The file that is given is not there, or one of them is damaged.
    """
    if given is None and not layout.marked.exists():
        return ()
    return read_marks(layout.marked if given is None else given)


def without_marked(
    planned: Sequence[PlannedSource], marks: Sequence[Mark]
) -> tuple[PlannedSource, ...]:
    """Take the marked readings out of what is planned; each is listed with its reason."""
    by_id = {mark.id: mark for mark in marks}
    return tuple(replace(one, catalogue=_kept(one.catalogue, by_id)) for one in planned)


def unknown_marks(planned: Sequence[PlannedSource], marks: Sequence[Mark]) -> tuple[str, ...]:
    """Return a line for each mark whose reading no source holds."""
    known = {reading.reading_id for one in planned for reading in one.catalogue.readings}
    return tuple(
        " ".join(
            [
                f"exclusions: no reading {mark.id!r} is in the sources, so it is not left out.",
                did_you_mean(mark.id, sorted(known)) or "Check its id, or take the entry out.",
            ]
        )
        for mark in marks
        if mark.id not in known
    )


def _kept(catalogue: Catalogue, marks: dict[str, Mark]) -> Catalogue:
    out = [reading for reading in catalogue.readings if reading.reading_id in marks]
    if not out:
        return catalogue
    return replace(
        catalogue,
        readings=tuple(r for r in catalogue.readings if r.reading_id not in marks),
        excluded=(*catalogue.excluded, *(_listed(marks[r.reading_id], r) for r in out)),
    )


def _listed(mark: Mark, reading: ReadingRecord) -> Exclusion:
    """Return the row of a reading left out; it says whose it is, so that erasing them finds it."""
    note = "" if mark.note is None else f": {mark.note}"
    whose = f"reader {reading.reader_id}"
    if reading.patient_id is not None:
        whose += f", patient {reading.patient_id}"
    detail = (
        f"{mark.id} ({whose}): marked by a person as {mark.reason}{note}. Keep it by taking its "
        "entry out of the exclusions file"
    )
    return Exclusion("reading", mark.id, "reading_marked", detail)
