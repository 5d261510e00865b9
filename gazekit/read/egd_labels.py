"""What does EGD-CXR say of an image? Its class, labels found in its report, anatomy boxes."""

from collections.abc import Iterator
from pathlib import Path

from gazekit.model.records import Assertion, FindingOrigin, FindingRecord
from gazekit.read.cells import Row
from gazekit.read.places import published_table

__all__ = ["box_of", "boxes_by_image", "findings_of"]

_CLASSES = {"normal": "No Finding", "chf": "CHF", "pneumonia": "Pneumonia"}
_CHEXPERT = "__chx"
_VALUES: dict[float, Assertion] = {1.0: "present", 0.0: "absent", -1.0: "uncertain"}
_NLP = (
    "airspace_opacity",
    "atelectasis",
    "consolidation",
    "enlarged_cardiac_silhouette",
    "enlarged_hilum",
    "hernia",
    "linear__patchy_atelectasis",
    "lobar__segmental_collapse",
    "not_otherwise_specified_opacity___pleural__parenchymal_opacity__",
    "pleural_parenchymal_opacity",
    "pleural_effusion_or_thickening",
    "pulmonary_edema__hazy_opacity",
    "normal_anatomically",
    "elevated_hemidiaphragm",
    "hyperaeration",
    "vascular_redistribution",
)
_BOX_COLUMNS = ("dicom_id", "bbox_name", "x1", "x2", "y1", "y2")


def findings_of(row: Row, reading_id: str) -> Iterator[FindingRecord]:
    """Yield the labels of the whole image.

    The class (normal, heart failure, pneumonia) was settled by the makers; the others come from
    programs that read the report, one of them the CheXpert labeller (columns ``..__chx``).

    Raises
    ------
    DataError
        A label is neither 0, 1 nor -1.
    """
    for column in row.values:
        origin: FindingOrigin = "unstated" if column in _CLASSES else "text"
        if column in _CLASSES:
            label = _CLASSES[column]
        elif column.endswith(_CHEXPERT):
            label = _words(column.removesuffix(_CHEXPERT)).title()
        elif column in _NLP:
            label = _words(column).capitalize()
        else:
            continue
        if row.optional(column) is None:
            continue
        value = row.number_in(column)
        if value not in _VALUES:
            raise row.fault(column, expected="1, 0 or -1", found=value)
        yield FindingRecord(
            reading_id=reading_id, label=label, assertion=_VALUES[value], origin=origin
        )


def boxes_by_image(path: Path) -> dict[str, list[Row]]:
    """Read the anatomy boxes by DICOM id; none where there is no file.

    Raises
    ------
    DataError
        A column is missing or a row is cut.
    """
    found: dict[str, list[Row]] = {}
    if path.is_file():
        for row in published_table(path).rows(_BOX_COLUMNS):
            found.setdefault(row.text("dicom_id"), []).append(row)
    return found


def box_of(row: Row, reading_id: str) -> FindingRecord:
    """Return an anatomy box; the columns stand as x1, x2, y1, y2.

    Raises
    ------
    DataError
        A corner is no number, or the corners are the wrong way round.
    """
    x1, x2, y1, y2 = (row.number_in(name) for name in ("x1", "x2", "y1", "y2"))
    if x2 < x1 or y2 < y1:
        column = "x2" if x2 < x1 else "y2"
        raise row.fault(column, expected="x1 <= x2 and y1 <= y2", found=row.number_in(column))
    return FindingRecord(
        reading_id=reading_id,
        label=row.text("bbox_name"),
        assertion="present",
        origin="unstated",
        shape="box",
        x0_px=x1,
        y0_px=y1,
        x1_px=x2,
        y1_px=y2,
    )


def _words(column: str) -> str:
    return " ".join(column.split("_")).strip()
