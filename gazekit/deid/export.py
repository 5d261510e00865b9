"""How is a folder of DICOM files de-identified? File by file, whole or absent, and again at will.

::

    SRC/**  --> header --> patient, image --+--> images/<patient>/<image>.dcm
                  |                         |                ^ decision: share
                  |                         `--> held/...  --+   review.csv, review/*.png
                  |                                          ` decision: drop
                  +-- identifiers ------------> none of them is in what was made, nor in texts
"""

import csv
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from pydicom.dataset import Dataset

from gazekit.deid.collect import add_header
from gazekit.deid.dicom import corners_of, deidentify, encoded, image_of, patient_of
from gazekit.deid.identifiers import Identifiers
from gazekit.deid.leaks import kinds_in
from gazekit.deid.profile import OPTIONS
from gazekit.deid.pseudonym import KeyedPseudonyms
from gazekit.image import (
    decode,
    encode_png,
    has_decoder,
    is_dicom_file,
    read_header,
    read_image,
)
from gazekit.image.dicom import FAULTS
from gazekit.model.errors import EXIT_EXCLUSIONS, EXIT_OK, GazekitError, UsageError, did_you_mean
from gazekit.model.files import write_bytes, write_json
from gazekit.model.layout_outputs import DeidLayout
from gazekit.model.version import __version__

__all__ = ["DeidResult", "deidentify_folder"]

_TEXTS = {".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".md"}
_REVIEW = ("kind", "name", "burned_in", "found", "decision")
_DECISIONS = ("share", "drop")
_UNNAMED = Path("the file")
_MOST_BYTES = 50_000_000


class DeidResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was done. `held`: images, of all, that wait for a decision; `review`: rows that do.

    `excluded`: number of the file, in the order of the paths, and why.
    """

    made: int
    reused: int
    held: int
    review: int
    excluded: tuple[tuple[int, str], ...]

    @property
    def exit_code(self) -> int:
        """0, or 3 where a file was left out or held back."""
        return EXIT_EXCLUSIONS if self.excluded or self.held else EXIT_OK


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """How a folder was made; `key` tells a key from another and cannot be turned into one."""

    software: str
    options: tuple[str, ...]
    key: str


@dataclass(frozen=True)
class _Run:
    layout: DeidLayout
    pseudonyms: KeyedPseudonyms
    options: tuple[str, ...]
    decided: Mapping[str, str]


def deidentify_folder(
    source: Path,
    out: Path,
    pseudonyms: KeyedPseudonyms,
    *,
    options: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> DeidResult:
    """De-identify every DICOM file under `source` into `out`; what is there already is kept.

    Files with burned-in annotation are left out unless pixels are cleaned. Those that do not
    exclude it are held back, apart from the others, and listed for review with their corners
    rendered, until a person has written ``share`` or ``drop`` beside them. Texts are checked
    against the identifiers of all headers, and never copied.

    Raises
    ------
    UsageError
        No such folder or option, `out` was made with another key or other options, or a decision
        is neither of the two.
    """
    run = _begin(source, out, pseudonyms, options)
    files = sorted(path for path in source.rglob("*") if path.is_file())
    known = Identifiers()
    review: list[dict[str, str]] = []
    excluded: list[tuple[int, str]] = []
    made: dict[Path, bool] = {}
    for number, path in enumerate(files, start=1):
        try:
            with warnings.catch_warnings():
                # What pydicom warns of it quotes, and it may be somebody's number.
                warnings.simplefilter("ignore")
                if is_dicom_file(path):
                    target, new = _one(path, run, known, review, done=set(made))
                    made[target] = new
        except GazekitError as error:
            excluded.append((number, str(error)))
        except OSError:
            raise
        except FAULTS:
            excluded.append((number, "its attributes contradict each other"))
        if progress is not None:
            progress(number, len(files))
    review += _texts(files, known)
    _write_lists(run.layout, review, excluded)
    return DeidResult(
        made=sum(made.values()),
        reused=len(made) - sum(made.values()),
        held=sum(run.layout.is_held(path) for path in made),
        review=sum(not row["decision"] for row in _decided(run.layout)),
        excluded=tuple(excluded),
    )


def _begin(source: Path, out: Path, pseudonyms: KeyedPseudonyms, options: Sequence[str]) -> _Run:
    for name in options:
        if name not in OPTIONS:
            raise UsageError(
                "no such option",
                expected=", ".join(OPTIONS),
                found=name,
                remedy=did_you_mean(name, list(OPTIONS)),
            )
    if not source.is_dir():
        raise UsageError("no such folder", where=source.name, remedy="check SRC")
    if out.resolve().is_relative_to(source.resolve()):
        raise UsageError("OUT is inside SRC", where=out.name, remedy="choose a folder elsewhere")
    layout = DeidLayout(out)
    chosen = tuple(sorted(set(options)))
    record = _Record(software=__version__, options=chosen, key=pseudonyms("check", "deid"))
    if layout.record.is_file():
        before = msgspec.json.decode(layout.record.read_bytes(), type=_Record)
        if (before.options, before.key) != (record.options, record.key):
            raise UsageError(
                "the folder was made with another key or other options",
                where=out.name,
                expected=", ".join(before.options) or "no options",
                remedy="give the same, or choose another OUT",
            )
    elif out.exists() and any(out.iterdir()):
        raise UsageError("the folder is not empty", where=out.name, remedy="choose another OUT")
    else:
        write_json(layout.record, record)
    return _Run(layout, pseudonyms, chosen, _decisions(layout))


def _decisions(layout: DeidLayout) -> dict[str, str]:
    """Return what a person has decided about images, by the name of the image."""
    decided = {}
    for number, row in enumerate(_decided(layout), start=2):
        said = (row.get("decision") or "").strip().lower()
        if said and row.get("kind") == "image" and said not in _DECISIONS:
            raise UsageError(
                "no such decision",
                where=f"{layout.review.name} row {number}",
                expected="share, drop or nothing",
                found=said,
            )
        decided[row.get("name") or ""] = said
    return decided


def _one(
    path: Path, run: _Run, known: Identifiers, review: list[dict[str, str]], *, done: set[Path]
) -> tuple[Path, bool]:
    """De-identify one file; return its place, and whether it is new there."""
    source = read_header(path, pixels=True)
    if "PixelData" not in source or "Rows" not in source:
        raise GazekitError("there is no image in it")
    own = Identifiers()
    for identifiers in (known, own):
        add_header(identifiers, source)
    burned_in = str(source.get("BurnedInAnnotation") or "absent").strip().upper()
    cleaned = "clean-pixel-data" in run.options
    if burned_in == "YES" and not cleaned:
        raise GazekitError(
            "the image has burned-in annotation", remedy="add --option clean-pixel-data"
        )
    patient, image = patient_of(source, run.pseudonyms), image_of(source, run.pseudonyms)
    free, held = run.layout.image(patient, image), run.layout.held(patient, image)
    if done & {free, held}:
        raise GazekitError("another file has the same UID", found=image)
    decision = "share" if burned_in == "NO" else run.decided.get(image, "")
    target = free if decision == "share" else held
    new = not (free.is_file() or held.is_file())
    if new and decision != "drop":
        _make(source, target, own, run)
    if burned_in != "NO":
        rendered = _settle(target, held if target == free else free, run.layout, image, decision)
        review.append(_row("image", image, burned_in=burned_in, found=rendered))
    if decision == "drop":
        raise GazekitError("it was dropped in the review", found=image)
    return target, new


def _settle(target: Path, other: Path, layout: DeidLayout, image: str, decision: str) -> str:
    """Bring an image to where its decision puts it; say what there is of it to look at."""
    if decision == "drop":
        for path in (target, other):
            path.unlink(missing_ok=True)
        return "dropped"
    if other.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        other.replace(target)
    return _render(target, image, layout)


def _make(source: Dataset, target: Path, own: Identifiers, run: _Run) -> None:
    if has_decoder(source):
        decode(source, _UNNAMED)
    made = deidentify(source, run.pseudonyms, options=run.options)
    allowed = {kind for name in run.options for kind in OPTIONS[name].kinds}
    text = "\n".join(
        str(element.value)
        for element in made.iterall()
        if element.VR != "SQ" and not isinstance(element.value, bytes)
    )
    left = kinds_in(text, own) - allowed
    if left:
        raise GazekitError(f"an identifier is in what may stay: {', '.join(sorted(left))}")
    write_bytes(target, encoded(made))


def _render(path: Path, image: str, layout: DeidLayout) -> str:
    """Write the corners of an image as pictures, where they are not there; say what was done."""
    if all(layout.corner(image, name).is_file() for name in ("top-left", "bottom-right")):
        return "corners rendered"
    try:
        shown = read_image(path).to_uint8()
    except GazekitError:
        return "cannot be rendered: look at the whole image"
    for name, (rows, columns) in corners_of(shown).items():
        write_bytes(layout.corner(image, name), encode_png(shown[rows, columns]))
    return "corners rendered"


def _texts(files: Sequence[Path], known: Identifiers) -> Iterator[dict[str, str]]:
    """Check free texts against the identifiers of all headers; a row for each that holds one."""
    for number, path in enumerate(files, start=1):
        if path.suffix.lower() in _TEXTS and path.stat().st_size <= _MOST_BYTES:
            kinds = kinds_in(path.read_text("utf-8", "replace"), known)
            if kinds:
                yield _row("text", f"file {number}", found=", ".join(sorted(kinds)))


def _row(kind: str, name: str, *, burned_in: str = "", found: str = "") -> dict[str, str]:
    return {"kind": kind, "name": name, "burned_in": burned_in, "found": found, "decision": ""}


def _decided(layout: DeidLayout) -> list[dict[str, str]]:
    if not layout.review.is_file():
        return []
    return list(csv.DictReader(io.StringIO(layout.review.read_text("utf-8"))))


def _write_lists(
    layout: DeidLayout, review: Sequence[dict[str, str]], excluded: Sequence[tuple[int, str]]
) -> None:
    """Write both lists; what a person wrote into ``decision`` stays."""
    before = {(row["kind"], row["name"]): row.get("decision") or "" for row in _decided(layout)}
    rows = [{**row, "decision": before.get((row["kind"], row["name"]), "")} for row in review]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _REVIEW, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(layout.review, buffer.getvalue().encode())
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\n")
    table.writerows([("file_number", "why"), *excluded])
    write_bytes(layout.exclusions, buffer.getvalue().encode())
