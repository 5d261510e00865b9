"""Which images does a session show, and in which order?"""

import csv
import dataclasses
import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from capture.ordering import ordered
from gazekit.image import DisplayImage, read_image
from gazekit.model.errors import DataError, GazekitError, ProblemsError, UsageError
from gazekit.model.layout import IDENTIFIER
from gazekit.model.protocol import ImagePlan
from gazekit.synthetic import Phantom, make_phantom

__all__ = [
    "IMAGE_SUFFIXES",
    "SessionImage",
    "as_phantom",
    "images_of",
    "practice_images",
    "studies_of",
]

IMAGE_SUFFIXES = {".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ""}
_MODEL_PX = (128, 160)
_LIST_COLUMNS = ("file", "patient", "study")
_MOST_THREADS = 4
_PRACTICE_SEEDS = 900
"""Practice phantoms are drawn from here on, apart from those of the study."""
_Row = tuple[Path, str | None, str | None]


@dataclass(frozen=True)
class SessionImage:
    """An image to be read; `phantom` where it was made on the spot, with its truth."""

    display: DisplayImage
    phantom: Phantom | None = None


def images_of(
    plan: ImagePlan,
    base: Path,
    *,
    seed: int,
    number: int = 0,
    given: Path | None = None,
    limit: int | None = None,
) -> list[SessionImage]:
    """Make or read the images of a session, in the order in which they are shown.

    Images of one study stand together, in the order of the list; see `studies_of`.

    Parameters
    ----------
    plan
        The protocol's images.
    base
        The folder that the protocol's own paths are relative to.
    seed
        Decides the phantoms and a random order.
    number
        Which reader or session it is, for counterbalanced orders.
    given
        A folder or a CSV list that takes the place of the protocol's images.
    limit
        Show so many studies at most, in the order of the session.

    Raises
    ------
    ProblemsError
        Images do not decode; every one of them is named.
    UsageError, DataError
        There is no such folder or list, it has no images, or a wrong header.
    """
    if given is None and plan.synthetic is not None:
        places = ordered(range(_phantom_count(plan)), plan, seed=seed, number=number)[:limit]
        return [_phantom(seed * 1000 + place, plan) for place in places]
    source = given or base / (plan.list or plan.folder or "")
    groups = _grouped(_rows_of(source), plan)
    chosen = ordered(groups, plan, seed=seed, number=number)[:limit]
    rows = [row for group in chosen for row in group]
    # Decoding is arithmetic of numpy, during which other threads run.
    with ThreadPoolExecutor(min(len(rows), os.cpu_count() or 1, _MOST_THREADS)) as pool:
        read = list(pool.map(lambda row: _read(row, source), rows))
    problems = [found for found in read if isinstance(found, GazekitError)]
    if problems:
        raise ProblemsError(problems, where=source.name)
    return _without_doubles([found for found in read if isinstance(found, SessionImage)], source)


def _read(row: _Row, source: Path) -> SessionImage | GazekitError:
    """Decode one image, or return why it cannot be."""
    path, patient, study = row
    if not path.is_file():
        return DataError(
            "no such image",
            where=f"{source.name}: {path.name}",
            remedy="the paths in a list are relative to it",
        )
    try:
        return SessionImage(_with_patient(read_image(path, patient_id=patient, study_id=study)))
    except GazekitError as error:
        return error


def studies_of(images: Sequence[SessionImage], plan: ImagePlan) -> list[tuple[SessionImage, ...]]:
    """Put images that stand together and are of one study into one reading, where so planned."""
    studies: list[tuple[SessionImage, ...]] = []
    for image in images:
        study = image.display.record.study_id
        last = studies[-1][-1].display.record.study_id if studies else None
        if plan.together == "study" and study is not None and study == last:
            studies[-1] = (*studies[-1], image)
        else:
            studies.append((image,))
    return studies


def practice_images(plan: ImagePlan, count: int, *, seed: int) -> list[SessionImage]:
    """Make the phantoms that are read for practice; they are none of the study's images."""
    first = seed * 1000 + _PRACTICE_SEEDS
    return [_phantom(first + place, plan) for place in range(count)]


def _phantom_count(plan: ImagePlan) -> int:
    """Return how many phantoms there are; 0 is a session of calibration alone."""
    return plan.synthetic or 0


def _phantom(seed: int, plan: ImagePlan) -> SessionImage:
    phantom = make_phantom(seed, size_px=plan.synthetic_px)
    return SessionImage(_with_patient(phantom.display), phantom)


def _grouped(rows: list[_Row], plan: ImagePlan) -> list[list[_Row]]:
    """Put the rows of one study together, in the order of the list."""
    groups: dict[object, list[_Row]] = {}
    for index, row in enumerate(rows):
        study = row[2] if plan.together == "study" else None
        groups.setdefault(index if study is None else study, []).append(row)
    return list(groups.values())


def as_phantom(display: DisplayImage) -> Phantom:
    """Take any image for a chest radiograph without findings, so that a simulated reader reads it.

    The regions are a phantom's, stretched to the image: where the simulated eyes look, no truth.
    """
    width, height = display.record.width_px, display.record.height_px
    model = make_phantom(0, size_px=_MODEL_PX)
    across, down = width / _MODEL_PX[0], height / _MODEL_PX[1]
    regions = {
        name: (x0 * across, y0 * down, x1 * across, y1 * down)
        for name, (x0, y0, x1, y1) in model.regions.items()
    }
    return Phantom(display=display, findings=(), placements=(), regions=regions, seed=0)


def _rows_of(source: Path) -> list[_Row]:
    if source.is_dir():
        paths = sorted(
            path
            for path in source.iterdir()
            if path.is_file()
            and path.suffix.lower() in IMAGE_SUFFIXES
            and not path.name.startswith(".")
        )
        rows: list[_Row] = [(path, None, None) for path in paths]
    elif source.is_file():
        rows = _list_rows(source)
    else:
        raise UsageError(
            "no such folder or list of images",
            where=source.name,
            remedy="check --images, or the protocol's images",
        )
    if not rows:
        raise DataError(
            "there are no images", where=source.name, expected="DICOM, PNG, JPEG or TIFF files"
        )
    return rows


def _list_rows(path: Path) -> list[_Row]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            "the list of images is not UTF-8 text", where=path.name, remedy="save it as UTF-8"
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if "file" not in (reader.fieldnames or ()):
        raise DataError(
            "the list of images has no column 'file'",
            where=path.name,
            expected=",".join(_LIST_COLUMNS),
            found=",".join(reader.fieldnames or ()) or "nothing",
        )
    return [
        (
            path.parent / row["file"],
            _pseudonym(row.get("patient"), path, reader.line_num),
            _pseudonym(row.get("study"), path, reader.line_num),
        )
        for row in reader
    ]


def _pseudonym(text: str | None, path: Path, line: int) -> str | None:
    """Return what the list calls a patient or a study; it is not repeated, it may be a name."""
    if not text:
        return None
    if IDENTIFIER.fullmatch(text):
        return text
    raise DataError(
        "patient or study is no pseudonym",
        where=f"{path.name} line {line}",
        expected="1 to 64 letters, digits, '_', '.' or '-'",
        remedy="never write a name or a record number",
    )


def _with_patient(display: DisplayImage) -> DisplayImage:
    """Take an image without a pseudonym as its own patient; a study is of one patient."""
    record = display.record
    if record.patient_id is not None:
        return display
    patient_id = f"patient-{record.study_id or record.sha256[:12]}"
    return dataclasses.replace(
        display, record=msgspec.structs.replace(record, patient_id=patient_id)
    )


def _without_doubles(images: list[SessionImage], source: Path) -> list[SessionImage]:
    seen: set[str] = set()
    for image in images:
        image_id = image.display.record.image_id
        if image_id in seen:
            raise DataError("two files hold the same image", where=source.name, found=image_id)
        seen.add(image_id)
    return images
