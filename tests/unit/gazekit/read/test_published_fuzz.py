"""Does a damaged copy of a public dataset ever give more than one line that names the place?"""

import random
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gazekit.deid import PassingPseudonyms
from gazekit.model.errors import GazekitError
from gazekit.read import SourceOptions, open_sources

IDENTIFIERS = ("19999999", "59999999", "00000000-11111111")
KINDS = {
    "reflacx": "reflacx",
    "egd_cxr": "egd-cxr",
    "mimic_eye": "mimic-eye",
    "gazesearch": "gazesearch",
}
Damage = Callable[[bytes, random.Random], bytes]


def _lines(data: bytes) -> list[list[bytes]]:
    return [line.split(b",") for line in data.splitlines()]


def _text(lines: Sequence[Sequence[bytes]]) -> bytes:
    return b"\n".join(b",".join(cells) for cells in lines) + b"\n"


def _column_missing(data: bytes, rng: random.Random) -> bytes:
    lines = _lines(data)
    at = rng.randrange(len(lines[0]))
    return _text([[*cells[:at], *cells[at + 1 :]] for cells in lines])


def _reordered(data: bytes, rng: random.Random) -> bytes:
    lines = _lines(data)
    order = rng.sample(range(len(lines[0])), len(lines[0]))
    return _text([[cells[i] for i in order if i < len(cells)] for cells in lines])


def _extra(data: bytes, _: random.Random) -> bytes:
    first, *rest = _lines(data)
    return _text([[*first, b"comment"], *([*cells, b"x"] for cells in rest)])


def _truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _cell_changed(data: bytes, rng: random.Random) -> bytes:
    lines = _lines(data)
    row = rng.randrange(len(lines))
    column = rng.randrange(len(lines[row]))
    lines[row][column] = rng.choice([b"NaN", b"", b"x", b"-1", b"1e400", b"\xff\xfe", b'"', b"inf"])
    return _text(lines)


def _twice(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join([*lines, rng.choice(lines)])


def _utf16(data: bytes, _: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode("utf-16")


def _latin(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"a", b"\xe4")


DAMAGES: dict[str, Damage] = {
    "column missing": _column_missing,
    "reordered": _reordered,
    "extra column": _extra,
    "truncated": _truncated,
    "cell changed": _cell_changed,
    "row twice": _twice,
    "utf-16": _utf16,
    "latin": _latin,
}


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 2**32 - 1), damage=st.sampled_from(sorted(DAMAGES)))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_damage_is_one_line_without_an_identity(
    formats: Path, images: Path, kind: str, *, seed: int, damage: str
) -> None:
    rng = random.Random(seed)  # noqa: S311 - chooses what to damage
    root = Path(tempfile.mkdtemp()) / "source"
    shutil.copytree(formats / KINDS[kind], root)
    file = rng.choice(sorted(p for p in root.rglob("*") if p.is_file()))
    file.write_bytes(DAMAGES[damage](file.read_bytes(), rng))
    said = _everything(root, kind, images)
    assert not any(number in line for line in said for number in IDENTIFIERS), said
    assert all("\n" not in line for line in said)
    shutil.rmtree(root.parent)


def _everything(root: Path, kind: str, images: Path) -> list[str]:
    """Read all that can be read; return every line that says what cannot."""
    said: list[str] = []
    options = SourceOptions(images=images, pseudonyms=PassingPseudonyms())
    try:
        sources = open_sources(root, kind=kind, options=options)
    except GazekitError as error:
        return [str(error)]
    for source in sources:
        catalogue = source.catalogue()
        said += [found.detail for found in catalogue.excluded]
        for reading in catalogue.readings:
            try:
                list(source.load([reading.reading_id], catalogue))
            except GazekitError as error:
                said.append(str(error))
    return said


@pytest.mark.parametrize(
    ("kind", "file", "column"),
    [
        ("reflacx", "gaze_data/P300R000001/gaze.csv", "x_position"),
        ("reflacx", "main_data/P300R000001/timestamps_transcription.csv", "word"),
        ("reflacx", "main_data/P300R000001/anomaly_location_ellipses.csv", "certainty"),
        ("reflacx", "main_data/metadata_phase_3.csv", "subject_id"),
        ("reflacx", "main_data/metadata_phase_3.csv", "Atelectasis"),
        ("egd_cxr", "eye_gaze.csv", "BPOGX"),
        ("egd_cxr", "eye_gaze.csv", "DICOM_ID"),
        ("egd_cxr", "master_sheet.csv", "image_left_pad"),
        ("egd_cxr", "bounding_boxes.csv", "x2"),
    ],
)
def test_a_missing_column_is_named_with_its_file(
    formats: Path, images: Path, tmp_path: Path, *, kind: str, file: str, column: str
) -> None:
    root = shutil.copytree(formats / KINDS[kind], tmp_path / "source")
    path = root / file
    first, *rest = path.read_bytes().splitlines(keepends=True)
    renamed = re.sub(rb"\b%s\b" % column.encode(), b"gone", first, count=1)
    assert renamed != first
    path.write_bytes(renamed + b"".join(rest))
    said = _everything(root, kind, images)
    assert any(path.name in line and column.lower() in line.lower() for line in said), said


@pytest.mark.parametrize(
    ("kind", "file"),
    [("reflacx", "gaze_data/P300R000001/gaze.csv"), ("egd_cxr", "eye_gaze.csv")],
)
@pytest.mark.parametrize("damage", [_reordered, _extra])
def test_the_order_of_columns_and_others_between_them_change_nothing(
    formats: Path, images: Path, tmp_path: Path, *, kind: str, file: str, damage: Damage
) -> None:
    root = shutil.copytree(formats / KINDS[kind], tmp_path / "source")
    options = SourceOptions(images=images, pseudonyms=PassingPseudonyms())

    def read() -> list[object]:
        (source,) = open_sources(root, kind=kind, options=options)
        catalogue = source.catalogue()
        names = [reading.reading_id for reading in catalogue.readings]
        return [(r.samples.to_pylist(), r.views) for r in source.load(names, catalogue)]

    before = repr(read())
    path = root / file
    path.write_bytes(damage(path.read_bytes(), random.Random(3)))  # noqa: S311 - an order
    assert repr(read()) == before
