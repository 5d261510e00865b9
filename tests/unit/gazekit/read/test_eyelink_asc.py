"""Is an EyeLink ASC file read by its own rules: fractions, ends of events, offsets, blinks?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from gazekit.model.errors import DataError
from gazekit.model.records import Event, ScreenRecord
from gazekit.model.schemas import check_table
from gazekit.read.eyelink_asc import EyelinkFile, is_eyelink
from gazekit.read.recording import Contents, contents_of

MONO = Path(__file__).parents[3] / "data" / "formats" / "eyelink" / "mono.asc"
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=528.0, height_mm=297.0, distance_mm=650.0
)


def _samples(path: Path) -> pa.Table:
    table = pa.concat_tables([chunk.samples for chunk in EyelinkFile(path, SCREEN).chunks()])
    check_table(table, "samples")
    return table


def _contents(path: Path) -> Contents:
    return contents_of(EyelinkFile(path, SCREEN))


def _edited(folder: Path, *changes: tuple[str, str]) -> Path:
    text = MONO.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "edited.asc"
    path.write_text(text, "utf-8")
    return path


def _of_kind(contents: Contents, kind: str) -> list[Event]:
    return [event for event in contents.events if event.kind == kind]


def test_the_fixture_gives_what_its_generator_states() -> None:
    assert is_eyelink(MONO)
    rows = _samples(MONO).to_pydict()
    assert rows["time_us"] == [1_101_000, 1_102_000, 1_103_000, 1_104_000, 1_105_000]
    np.testing.assert_array_equal(rows["right_x_px"], [958.1, 958.3, np.nan, np.nan, 700.0])
    np.testing.assert_array_equal(rows["right_y_px"], [541.2, 541.0, np.nan, np.nan, 400.0])
    assert np.isnan(rows["left_x_px"]).all(), "only the right eye was recorded"
    assert np.isnan(rows["right_pupil_mm"]).all(), "an area in arbitrary units is no millimetre"
    header = EyelinkFile(MONO, SCREEN).header()
    assert (header.screen_px, header.rate_hz) == ((1920.0, 1080.0), 1000.0)


def test_an_event_ends_one_sample_after_its_last() -> None:
    (fixation,) = _of_kind(_contents(MONO), "vendor_fixation")
    assert (fixation.time_us, fixation.duration_us) == (1_101_000, 2_000)
    assert fixation.value == {"eye": "right", "x_px": 958.2, "y_px": 541.1}


def test_a_saccade_around_a_blink_is_dropped(tmp_path: Path) -> None:
    contents = _contents(MONO)
    (blink,) = _of_kind(contents, "vendor_blink")
    assert (blink.time_us, blink.duration_us) == (1_103_000, 2_000)
    assert _of_kind(contents, "vendor_saccade") == []
    without = _edited(tmp_path, ("EBLINK R 1103\t1104\t2\n", ""))
    assert len(_of_kind(_contents(without), "vendor_saccade")) == 1


def test_a_negative_number_before_a_message_moves_it() -> None:
    messages = _contents(MONO).messages()
    assert (1_098_000, "IMAGE_ONSET cxr1.png") in messages
    assert (1_100_000, "TRIALID 1") in messages


def test_a_message_may_follow_a_space(tmp_path: Path) -> None:
    path = _edited(tmp_path, ("MSG\t1100 TRIALID 1", "MSG 1100 TRIALID 1"))
    assert (1_100_000, "TRIALID 1") in _contents(path).messages()


def test_the_validation_gives_the_accuracy() -> None:
    (validation,) = _of_kind(_contents(MONO), "validation")
    assert validation.value == {"accuracy_deg": 0.27, "eye": "right"}


def test_times_of_2_khz_have_a_fraction(tmp_path: Path) -> None:
    path = _edited(
        tmp_path,
        ("1000.00", "2000.00"),
        ("1101\t  958.1", "1101.0\t  958.1"),
        ("1102\t  958.3", "1101.5\t  958.3"),
        ("EFIX R   1101\t1102\t2", "EFIX R   1101.0\t1101.5\t1"),
    )
    assert _samples(path).column("time_us").to_pylist()[:2] == [1_101_000, 1_101_500]
    (fixation,) = _of_kind(_contents(path), "vendor_fixation")
    assert fixation.duration_us == 1_000


def test_2_khz_without_a_fraction_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = _edited(tmp_path, ("1000.00", "2000.00"), ("1102\t  958.3", "1101\t  958.3"))
    with pytest.raises(DataError, match=r"row 16: two samples have one time .*-ftime"):
        _samples(path)


def test_both_eyes_and_an_input_column(tmp_path: Path) -> None:
    text = MONO.read_text("utf-8")
    head = text[: text.index("MSG\t1100 TRIALID")].replace("RIGHT\tRATE", "LEFT\tRIGHT\tRATE")
    head = head.replace("FILTER\t2\n", "FILTER\t2\tINPUT\n")
    path = tmp_path / "both.asc"
    path.write_text(
        head + "1101\t 10.5\t 20.5\t 500.0\t 30.5\t 40.5\t 600.0\t 127.0\t.....\n"
        "1102\t .\t .\t 0.0\t 31.5\t 41.5\t 600.0\t 127.0\t.C...\n"
        "1103\t 11.0\t 21.0\t 500.0\t 32.5\t 42.5\t 600.0\t 127.0\tI....\n"
        "INPUT\t1103\t127\n",
        "utf-8",
    )
    rows = _samples(path).to_pydict()
    np.testing.assert_array_equal(rows["left_x_px"], [10.5, np.nan, np.nan])
    np.testing.assert_array_equal(rows["right_y_px"], [40.5, 41.5, np.nan])


def test_the_origin_of_the_display_is_taken_off(tmp_path: Path) -> None:
    path = _edited(tmp_path, ("DISPLAY_COORDS 0 0 1919 1079", "DISPLAY_COORDS 100 50 2019 1129"))
    assert EyelinkFile(path, SCREEN).header().screen_px == (1920.0, 1080.0)
    assert _samples(path).column("right_x_px")[0].as_py() == pytest.approx(858.1)
    assert _of_kind(_contents(path), "vendor_fixation")[0].value["y_px"] == pytest.approx(491.1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1105\t  700.0", "1100\t  700.0", "row 24: the time goes backwards"),
        ("  541.0\t  802.0", "  5x1.0\t  802.0", "row 16, column 3: not a number"),
        ("1105\t  700.0\t  400.0\t  800.0\t.C.", "1105\t  700.0", "row 24: a sample is cut off"),
        ("SAMPLES\tGAZE", "SAMPLES\tHREF", "row 11: the samples are no gaze in pixels"),
        ("EFIX R   1101\t1102\t2", "EFIX R   1101", "row 17: a broken EFIX line"),
        ("MSG\t1100 TRIALID 1", "MSG\tsoon TRIALID 1", "row 12: a broken MSG line"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        _contents(_edited(tmp_path, (old, new)))


def test_a_real_recording_of_one_eye(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("eyelink_asc") / "eyelink_monocular_example.asc"
    rows = _samples(path)
    assert rows.num_rows == 16
    assert rows.slice(0, 1).to_pylist()[0]["left_x_px"] == 138.1
    contents = _contents(path)
    assert contents.header.screen_px == (1280.0, 1024.0)
    assert (2_096_363_000, "SYNCTIME 766 0") in contents.messages()
    first = _of_kind(contents, "vendor_fixation")[0]
    assert (first.time_us, first.duration_us) == (2_154_563_000, 133_000)
    assert [v.value["accuracy_deg"] for v in _of_kind(contents, "validation")] == [0.27]


def test_a_real_recording_of_both_eyes(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("eyelink_asc") / "eyelink_binocular_example.asc"
    rows = _samples(path)
    assert rows.num_rows == 368
    assert (np.diff(rows.column("time_us").to_numpy()) == 1000).all()
    contents = _contents(path)
    fixations = _of_kind(contents, "vendor_fixation")
    assert (fixations[0].time_us, fixations[0].duration_us) == (1_408_667_000, 107_000)
    assert {f.value["eye"] for f in fixations} == {"left", "right"}
    assert _of_kind(contents, "vendor_saccade") == [], "each of them is around a blink"
    assert len(_of_kind(contents, "vendor_blink")) == 2
