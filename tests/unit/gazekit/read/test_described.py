"""Do recordings become readings: the part that was meant, the image where it stood, or one line?"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gazekit.model.geometry import ViewTrack
from gazekit.read import DescribedSource, ReadingInput, open_sources
from gazekit.read.described import DescribedSource as Described

FORMATS = Path(__file__).parents[3] / "data" / "formats"
RECORDINGS = {
    "tobii_prolab": "tobii_prolab/dot.tsv",
    "tobii_sdk": "tobii_sdk/gaze.jsonl",
    "eyelink_asc": "eyelink/mono.asc",
    "gazepoint": "gazepoint/User 0_all_gaze.csv",
    "titta_hdf5": "titta/P1.h5",
    "bids": "bids/sub-01/beh/sub-01_task-read_recording-eye1_physio.tsv.gz",
}
SCREEN = """
[screen]
width_px = 1920
height_px = 1080
width_mm = 528.0
height_mm = 297.0
distance_mm = 650.0
"""


def _describe(folder: Path, kind: str, *readings: str, recording: str | None = None) -> Path:
    pixels = np.arange(305 * 254, dtype=np.uint16).reshape(305, 254).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "cxr1.png")
    where = recording or (FORMATS / RECORDINGS[kind]).as_posix()
    text = f'[source]\nkind = "{kind}"\n{SCREEN}'
    for index, extra in enumerate(readings or ("",)):
        text += (
            f"\n[[reading]]\nrecording = {json.dumps(where)}\nimage = 'cxr1.png'\n"
            f"reader = 'R01'\nid = 'reading-{index}'\n{extra}\n"
        )
    path = folder / "source.toml"
    path.write_text(text, "utf-8")
    return path


def _read(path: Path) -> list[ReadingInput]:
    (source,) = open_sources(path)
    catalogue = source.catalogue()
    assert catalogue.excluded == ()
    return list(source.load([r.reading_id for r in catalogue.readings], catalogue))


def _refusal(path: Path) -> str:
    (found,) = Described(path).catalogue().excluded
    assert found.reason == "recording_damaged"
    return found.detail


@pytest.mark.parametrize("kind", RECORDINGS)
def test_every_kind_makes_a_reading(tmp_path: Path, kind: str) -> None:
    (reading,) = _read(_describe(tmp_path, kind))
    assert (reading.source, reading.reading.reader_id) == (kind, "R01")
    assert reading.samples.num_rows >= 3
    assert len(reading.source_sha256) == 64
    assert reading.views[0].image_id == reading.image.record.image_id
    assert reading.tracker is not None
    assert reading.tracker.kind == kind
    times = reading.samples.column("time_us").to_numpy()
    assert reading.reading.onset_us <= times[0]
    assert times[-1] < (reading.reading.offset_us or 0)


def test_the_image_stands_where_pro_lab_says(tmp_path: Path) -> None:
    (reading,) = _read(_describe(tmp_path, "tobii_prolab"))
    x, y = ViewTrack(reading.views).to_image(np.array([0]), np.array([958.0]), np.array([541.0]))[
        :2
    ]
    assert x[0] == pytest.approx((958 - 510) * 254 / 900)
    assert y[0] == pytest.approx(541 * 305 / 1080)


def test_a_placement_that_agrees_with_the_file_is_taken(tmp_path: Path) -> None:
    agrees = "placement = [510.0, 0.0, 1410.0, 1080.0]"
    assert _read(_describe(tmp_path, "tobii_prolab", agrees)) != []


def test_a_placement_against_the_file_is_refused(tmp_path: Path) -> None:
    other = "placement = [0.0, 0.0, 900.0, 1080.0]"
    assert "places the image elsewhere" in _refusal(_describe(tmp_path, "tobii_prolab", other))


def test_a_medium_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = _describe(tmp_path, "tobii_prolab")
    Image.fromarray(np.arange(200 * 200, dtype=np.uint8).reshape(200, 200)).save(
        tmp_path / "cxr1.png"
    )
    assert "a medium of another shape" in _refusal(path)


@pytest.mark.parametrize("kind", ["eyelink_asc", "bids"])
def test_another_screen_is_refused(tmp_path: Path, kind: str) -> None:
    path = _describe(tmp_path, kind)
    path.write_text(path.read_text("utf-8").replace("= 1920", "= 1280"), "utf-8")
    assert "made on another screen" in _refusal(path)


def test_messages_bracket_a_reading(tmp_path: Path) -> None:
    marks = 'onset = "IMAGE_ONSET"\noffset = "TRIAL_RESULT"'
    (reading,) = _read(_describe(tmp_path, "eyelink_asc", marks))
    assert (reading.reading.onset_us, reading.reading.offset_us) == (1_098_000, 1_105_000)
    assert reading.samples.num_rows == 4
    assert reading.accuracy_deg == 0.27
    assert "vendor_fixation" in {event.kind for event in reading.events}


def test_moments_bracket_a_reading(tmp_path: Path) -> None:
    spans = ("onset = 91000000\noffset = 91010000", "onset = 91010000", "offset = 91020000")
    readings = _read(_describe(tmp_path, "tobii_sdk", *spans))
    counts = {reading.reading.reading_id: reading.samples.num_rows for reading in readings}
    assert counts == {"reading-0": 2, "reading-1": 4, "reading-2": 3}


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('onset = "NEVER"', "the message is not there"),
        ("onset = 1\noffset = 2", "the reading has no sample"),
        ('media = "cxr9.png"', "the medium was not shown"),
    ],
)
def test_a_part_that_is_not_there_is_refused(tmp_path: Path, extra: str, message: str) -> None:
    assert message in _refusal(_describe(tmp_path, "eyelink_asc", extra))


def _two_media(folder: Path) -> str:
    lines = (FORMATS / RECORDINGS["tobii_prolab"]).read_text("utf-8").splitlines()
    for at in (6, 7):
        lines[at] = lines[at].replace("cxr1", "cxr2")
    again = [
        str(60_000 + 8333 * index) + line[line.index("\t") :]
        for index, line in enumerate(lines[2:4])
    ]
    path = folder / "two.tsv"
    path.write_text("\n".join([*lines, *again]) + "\n", "utf-8")
    return path.name


def test_each_medium_and_each_time_it_was_shown_is_a_reading(tmp_path: Path) -> None:
    name = _two_media(tmp_path)
    wanted = ('media = "cxr1.png"', 'media = "cxr2"', 'media = "cxr1.png"\noccurrence = 2')
    readings = _read(_describe(tmp_path, "tobii_prolab", *wanted, recording=name))
    found = {r.reading.reading_id: (r.reading.onset_us, r.samples.num_rows) for r in readings}
    assert found == {"reading-0": (0, 4), "reading-1": (33_332, 2), "reading-2": (60_000, 2)}


def test_several_media_need_a_choice(tmp_path: Path) -> None:
    name = _two_media(tmp_path)
    detail = _refusal(_describe(tmp_path, "tobii_prolab", recording=name))
    assert "several media were shown, and none is chosen" in detail
    assert "found 3 presentations" in detail


def test_the_old_sdk_goes_the_same_way(tmp_path: Path, shared_data: Callable[[str], Path]) -> None:
    recording = shared_data("tobii_tx300") / "participant1" / "1.tsv"
    path = _describe(tmp_path, "tobii_tsv", recording=recording.as_posix())
    (reading,) = _read(path)
    assert reading.tracker is not None
    assert 297 < reading.tracker.rate_hz < 301


def test_one_broken_recording_leaves_the_others(tmp_path: Path) -> None:
    path = _describe(tmp_path, "tobii_sdk", "", "")
    (tmp_path / "broken.jsonl").write_text("{}\n", "utf-8")
    text = path.read_text("utf-8")
    last = text.rindex("recording = ")
    path.write_text(
        text[:last] + "recording = 'broken.jsonl'" + text[text.index("\n", last) :], "utf-8"
    )
    catalogue = DescribedSource(path).catalogue()
    assert [reading.reading_id for reading in catalogue.readings] == ["reading-0"]
    assert [found.unit_id for found in catalogue.excluded] == ["reading-1"]
