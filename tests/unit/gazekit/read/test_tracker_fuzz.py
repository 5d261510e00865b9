"""Does no damage to a recording ever give a traceback, or a line that does not name the file?"""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gazekit.model.errors import GazekitError
from gazekit.model.records import ScreenRecord
from gazekit.read.recording import Contents, contents_of
from gazekit.read.trackers import TRACKERS, open_recording, recording_kind

FORMATS = Path(__file__).parents[3] / "data" / "formats"
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=528.0, height_mm=297.0, distance_mm=650.0
)
BIDS = "bids/sub-01/beh/sub-01_task-read_recording-eye1_physio"
RECORDINGS = {
    "tobii_prolab": "tobii_prolab/dot.tsv",
    "tobii_sdk": "tobii_sdk/gaze.jsonl",
    "eyelink_asc": "eyelink/mono.asc",
    "gazepoint": "gazepoint/User 0_all_gaze.csv",
    "titta_hdf5": "titta/P1.h5",
    "bids": f"{BIDS}.tsv.gz",
}
DELIMITED = {"tobii_prolab": "\t", "gazepoint": ","}


def _try(kind: str, path: Path) -> Contents | None:
    """Read a recording whole; None where it was refused in one line that names a file."""
    try:
        return contents_of(open_recording(kind, path, screen=SCREEN))  # type: ignore[arg-type]
    except GazekitError as error:
        line = str(error)
    assert "\n" not in line
    assert path.name.split(".")[0] in line
    return None


def _copy(folder: Path, kind: str) -> Path:
    source = FORMATS / RECORDINGS[kind]
    if kind == "bids":
        for beside in source.parent.iterdir():
            shutil.copy(beside, folder / beside.name)
    path = folder / source.name
    shutil.copy(source, path)
    return path


def _lose(rows: list[list[str]], at: int) -> None:
    for row in rows:
        del row[at]


def _turn(rows: list[list[str]], at: int) -> None:
    for row in rows:
        row.append(row.pop(at))


def _add(rows: list[list[str]], at: int) -> None:
    for number, row in enumerate(rows):
        row.insert(at, f"extra{number}")


def _nan(rows: list[list[str]], at: int) -> None:
    for row in rows[1:]:
        row[at] = "NaN"


def _words(rows: list[list[str]], at: int) -> None:
    rows[-1][at] = "words"


def _cut(rows: list[list[str]], at: int) -> None:
    rows[-1] = rows[-1][: at + 1]


def _double(rows: list[list[str]], at: int) -> None:
    rows[0][at] = rows[0][(at + 1) % len(rows[0])]


@pytest.mark.parametrize("kind", DELIMITED)
@pytest.mark.parametrize("damage", [_lose, _turn, _add, _nan, _words, _cut, _double])
def test_no_damage_to_a_column_gives_a_traceback(
    tmp_path: Path, kind: str, damage: Callable[[list[list[str]], int], None]
) -> None:
    path = _copy(tmp_path, kind)
    mark = DELIMITED[kind]
    text = path.read_text("utf-8")
    whole = _try(kind, path)
    assert whole is not None
    for at in range(len(text.splitlines()[0].split(mark))):
        rows = [line.split(mark) for line in text.splitlines()]
        damage(rows, at)
        path.write_text("\n".join(mark.join(row) for row in rows) + "\n", "utf-8")
        found = _try(kind, path)
        if damage in (_turn, _add):
            assert found is not None, "the order of columns, and more of them, are no matter"
            assert (found.n_samples, found.first_us) == (whole.n_samples, whole.first_us)


@pytest.mark.parametrize("kind", RECORDINGS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "utf-8-sig"])
def test_another_encoding_is_read_or_refused(tmp_path: Path, kind: str, encoding: str) -> None:
    path = _copy(tmp_path, kind)
    if path.suffix in {".h5", ".gz"}:
        path = path.with_name(path.name.replace(".tsv.gz", ".json")) if kind == "bids" else path
        text = path.read_text("latin-1")
    else:
        text = path.read_text("utf-8")
    path.write_bytes(text.replace("cxr1", "röntgen").encode(encoding, "replace"))
    _try(kind, tmp_path / Path(RECORDINGS[kind]).name)


@pytest.mark.parametrize("kind", RECORDINGS)
def test_a_recording_cut_anywhere_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    path = _copy(tmp_path, kind)
    data = path.read_bytes()
    for size in sorted({len(data) * share // 23 for share in range(23)} | {1, 2, 3}):
        path.write_bytes(data[:size])
        _try(kind, path)


@pytest.mark.parametrize("kind", RECORDINGS)
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_flipped_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, kind: str, seed: int
) -> None:
    path = _copy(tmp_path_factory.mktemp("flipped"), kind)
    data, chance = bytearray(path.read_bytes()), random.Random(seed)  # noqa: S311 - no secret
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(bytes(data))
    _try(kind, path)


@pytest.mark.parametrize("kind", RECORDINGS)
def test_a_recording_is_known_by_its_content(tmp_path: Path, kind: str) -> None:
    path = _copy(tmp_path, kind)
    assert recording_kind(path) == kind
    if kind != "bids":
        plain = tmp_path / "recording.dat"
        shutil.copy(path, plain)
        assert recording_kind(plain) == kind


def test_no_other_fixture_is_taken_for_a_recording() -> None:
    ours = {FORMATS / name for name in RECORDINGS.values()}
    ours |= {path for kind in ("tobii_prolab",) for path in (FORMATS / kind).glob("*.tsv")}
    for path in FORMATS.rglob("*"):
        known = [kind for kind, tracker in TRACKERS.items() if tracker.recognise(path)]
        assert len(known) == (1 if path in ours else 0), path.name
