"""What did REFLACX's radiologists mark? Certainty by label, ellipses, a box around the chest.

Certainty runs from 0 (absent) over 3 (possibly) to 5 (consistent with); 3 and above counts as
present, as in the authors' own analyses. Phase 1 has other labels than phases 2 and 3.
"""

from collections.abc import Iterator
from pathlib import Path

from gazekit.model.records import Assertion, FindingRecord
from gazekit.read.cells import Row
from gazekit.read.places import published_table

__all__ = ["CHEST_LABEL", "label_columns", "read_marks", "whole_image_findings"]

CHEST_LABEL = "Lungs and heart"
"""The chest box is anatomy, not a finding; it stands among them under this name."""

_PRESENT_FROM = 3
_MOST_CERTAIN = 5
_PHASE_1 = (
    "Airway wall thickening",
    "Atelectasis",
    "Consolidation",
    "Emphysema",
    "Enlarged cardiac silhouette",
    "Fibrosis",
    "Fracture",
    "Groundglass opacity",
    "Mass",
    "Nodule",
    "Other",
    "Pleural effusion",
    "Pleural thickening",
    "Pneumothorax",
    "Pulmonary edema",
    "Quality issue",
    "Support devices",
    "Wide mediastinum",
)
_LATER = (
    "Abnormal mediastinal contour",
    "Acute fracture",
    "Atelectasis",
    "Consolidation",
    "Enlarged cardiac silhouette",
    "Enlarged hilum",
    "Groundglass opacity",
    "Hiatal hernia",
    "High lung volume / emphysema",
    "Interstitial lung disease",
    "Lung nodule or mass",
    "Other",
    "Pleural abnormality",
    "Pneumothorax",
    "Pulmonary edema",
    "Support devices",
)
_YES_OR_NO = ("Support devices", "Quality issue")
_OTHER = "Other"
_BOX = ("xmin", "ymin", "xmax", "ymax")


def label_columns(reading_id: str) -> tuple[str, ...]:
    """Return the labels of the phase that a reading's id names."""
    return _PHASE_1 if reading_id[1:2] == "1" else _LATER


def whole_image_findings(row: Row, reading_id: str) -> Iterator[FindingRecord]:
    """Yield the labels that a reader gave the whole image, with their certainty.

    Raises
    ------
    DataError
        A label of the phase has no value, or a value that cannot be.
    """
    for label in label_columns(reading_id):
        if label == _OTHER:
            for text in (row.optional(label) or "").split("|"):
                if text.strip():
                    yield _finding(reading_id, f"{_OTHER}: {text.strip()}", "present")
        elif label in _YES_OR_NO:
            yield _finding(reading_id, label, "present" if row.flag(label) else "absent")
        else:
            certainty = row.whole(label)
            if not 0 <= certainty <= _MOST_CERTAIN:
                raise row.fault(label, expected="0 to 5", found=certainty)
            yield _finding(reading_id, label, _assertion(certainty), certainty)


def read_marks(ellipses: Path, chest: Path, reading_id: str) -> Iterator[FindingRecord]:
    """Yield the ellipses, one finding a label, and the chest box; files that are not there, not.

    Raises
    ------
    DataError
        A column is missing or a value does not fit: with file, row and column.
    """
    if ellipses.is_file():
        for row in published_table(ellipses, reading_id).rows((*_BOX, "certainty")):
            certainty = row.whole("certainty")
            if not 0 <= certainty <= _MOST_CERTAIN:
                raise row.fault("certainty", expected="0 to 5", found=certainty)
            for label in dict.fromkeys((*_PHASE_1, *_LATER)):
                if row.optional(label) is not None and row.flag(label):
                    yield _placed(row, reading_id, label, certainty)
    if chest.is_file():
        for row in published_table(chest, reading_id).rows(_BOX):
            yield _placed(row, reading_id, CHEST_LABEL, None)


def _placed(row: Row, reading_id: str, label: str, certainty: int | None) -> FindingRecord:
    x0, y0, x1, y1 = (row.number_in(name) for name in _BOX)
    if x1 < x0 or y1 < y0:
        raise row.fault(
            "xmax" if x1 < x0 else "ymax",
            expected="xmin <= xmax, ymin <= ymax",
            found=f"{x0:g},{y0:g},{x1:g},{y1:g}",
        )
    return FindingRecord(
        reading_id=reading_id,
        label=label,
        assertion="present" if certainty is None else _assertion(certainty),
        origin="human",
        certainty=certainty,
        shape="box" if certainty is None else "ellipse",
        x0_px=x0,
        y0_px=y0,
        x1_px=x1,
        y1_px=y1,
    )


def _finding(
    reading_id: str, label: str, assertion: Assertion, certainty: int | None = None
) -> FindingRecord:
    return FindingRecord(
        reading_id=reading_id,
        label=label,
        assertion=assertion,
        origin="human",
        certainty=certainty,
    )


def _assertion(certainty: int) -> Assertion:
    return "present" if certainty >= _PRESENT_FROM else "absent"
