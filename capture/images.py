"""Which images does a session show, and in which order?"""

import csv
import dataclasses
import io
import random
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gazekit.image import DisplayImage, read_image
from gazekit.model.errors import DataError, GazekitError, ProblemsError, UsageError
from gazekit.model.layout import IDENTIFIER
from gazekit.model.protocol import ImagePlan
from gazekit.synthetic import Phantom, make_phantom

__all__ = ["IMAGE_SUFFIXES", "SessionImage", "as_phantom", "images_of"]

IMAGE_SUFFIXES = {".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ""}
_MODEL_PX = (128, 160)
_LIST_COLUMNS = ("file", "patient", "study")


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
    given: Path | None = None,
    limit: int | None = None,
) -> list[SessionImage]:
    """Make or read the images of a session, in the order in which they are shown.

    Parameters
    ----------
    plan
        The protocol's images.
    base
        The folder that the protocol's own paths are relative to.
    seed
        Decides the phantoms and a random order.
    given
        A folder or a CSV list that takes the place of the protocol's images.
    limit
        Show so many at most, in the order of the session.

    Raises
    ------
    ProblemsError
        Images do not decode; every one of them is named.
    UsageError, DataError
        There is no such folder or list, it has no images, or a wrong header.
    """
    if given is None and plan.synthetic is not None:
        return _phantoms(plan, seed, limit)
    source = given or base / (plan.list or plan.folder or "")
    rows = _ordered(_rows_of(source), plan, seed)[:limit]
    images, problems = [], []
    for path, patient, study in rows:
        try:
            display = read_image(path, patient_id=patient, study_id=study)
            images.append(SessionImage(_with_patient(display)))
        except GazekitError as error:
            problems.append(error)
    if problems:
        raise ProblemsError(problems, where=source.name)
    return _without_doubles(images, source)


def _phantoms(plan: ImagePlan, seed: int, limit: int | None) -> list[SessionImage]:
    count = plan.synthetic or 0
    places = _ordered(list(range(count)), plan, seed)[:limit]
    made = [make_phantom(seed * 1000 + place, size_px=plan.synthetic_px) for place in places]
    return [SessionImage(_with_patient(phantom.display), phantom) for phantom in made]


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


def _ordered(items: list, plan: ImagePlan, seed: int) -> list:  # type: ignore[type-arg]
    if plan.order == "random":
        random.Random(seed).shuffle(items)  # noqa: S311 - an order, no secret
    return items


def _rows_of(source: Path) -> list[tuple[Path, str | None, str | None]]:
    if source.is_dir():
        paths = sorted(
            path
            for path in source.iterdir()
            if path.is_file()
            and path.suffix.lower() in IMAGE_SUFFIXES
            and not path.name.startswith(".")
        )
        rows: list[tuple[Path, str | None, str | None]] = [(path, None, None) for path in paths]
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


def _list_rows(path: Path) -> list[tuple[Path, str | None, str | None]]:
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
    """Take an image without a pseudonym as its own patient."""
    record = display.record
    if record.patient_id is not None:
        return display
    patient_id = f"patient-{record.sha256[:12]}"
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
