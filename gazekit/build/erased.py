"""Who was erased from a dataset? Its tombstones, which a later build of it obeys."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from gazekit.build.plan import PlannedSource
from gazekit.model.audit import AuditRecord, AuditTrail
from gazekit.model.layout import DatasetLayout
from gazekit.model.records import ReadingRecord
from gazekit.model.stream import read_json_lines
from gazekit.read import Catalogue, Exclusion

__all__ = ["Subject", "set_tombstone", "without_erased"]

_WHO = "gazekit erase"
_TOMBSTONE = re.compile(r"erased (reader|patient) (\S+): .*")


@dataclass(frozen=True)
class Subject:
    """A reader or a patient, by the pseudonym that stands in the dataset."""

    kind: Literal["reader", "patient"]
    pseudonym: str

    @property
    def column(self) -> str:
        """The column in which the pseudonym stands."""
        return f"{self.kind}_id"

    def of(self, reading: ReadingRecord) -> bool:
        """Say whether a reading is theirs."""
        return cast("str | None", getattr(reading, self.column)) == self.pseudonym


def set_tombstone(layout: DatasetLayout, subject: Subject, removed: Mapping[str, int]) -> None:
    """Add to the audit log who was erased, by pseudonym, and how much went."""
    counts = ", ".join(f"{count} {table}" for table, count in removed.items())
    trail = AuditTrail(layout.audit)
    trail.append(_WHO, f"erased {subject.kind} {subject.pseudonym}: {counts}")
    trail.close()


def without_erased(
    planned: Sequence[PlannedSource], layout: DatasetLayout
) -> tuple[PlannedSource, ...]:
    """Take the readings of the erased out of what is planned; none of their ids is kept."""
    subjects = _subjects(layout)
    if not subjects:
        return tuple(planned)
    return tuple(replace(one, catalogue=_kept(one, subjects)) for one in planned)


def _subjects(layout: DatasetLayout) -> list[Subject]:
    acts = read_json_lines(layout.audit, AuditRecord)
    found = [_TOMBSTONE.fullmatch(act.what) for act in acts if act.who == _WHO]
    return [
        Subject("reader" if match.group(1) == "reader" else "patient", match.group(2))
        for match in found
        if match
    ]


def _kept(planned: PlannedSource, subjects: Sequence[Subject]) -> Catalogue:
    catalogue = planned.catalogue
    kept = tuple(r for r in catalogue.readings if not any(s.of(r) for s in subjects))
    gone = len(catalogue.readings) - len(kept)
    detail = "a reading of an erased reader or patient, see the audit log"
    left_out = (Exclusion("reading", "erased", "erased", detail),) * gone
    return replace(catalogue, readings=kept, excluded=(*catalogue.excluded, *left_out))
