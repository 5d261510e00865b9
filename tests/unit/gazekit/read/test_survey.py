"""Does a source's description say what is there, what is wrong, and nobody's number?"""

from pathlib import Path

import msgspec
import pytest

from gazekit.deid import PassingPseudonyms
from gazekit.model.errors import UsageError
from gazekit.read import SourceOptions
from gazekit.read.survey import survey


def _options(images: Path | None) -> SourceOptions:
    return SourceOptions(images=images, pseudonyms=PassingPseudonyms())


def test_reflacx_is_described(formats: Path, images: Path) -> None:
    found = survey(formats / "reflacx", options=_options(images))
    assert (found.kind, found.readings, found.images, found.patients) == ("reflacx", 1, 1, 1)
    assert found.rates_hz == (1000.0,)
    assert found.splits == {"train": 1}
    assert found.assumptions == ("times count from: audio_start",)
    assert "x_position" in found.columns["gaze.csv"]
    assert [(p.reason, p.count) for p in found.problems] == [("gaze_discarded", 1)]


def test_egd_says_that_the_audio_s_zero_is_assumed(formats: Path, images: Path) -> None:
    found = survey(formats / "egd-cxr", options=_options(images))
    assert "times count from: media_onset(assumed)" in found.assumptions
    assert list(found.rates_hz) == pytest.approx([60], abs=0.1)


def test_without_images_it_says_how_to_give_them(formats: Path) -> None:
    found = survey(formats / "reflacx", options=_options(None))
    assert found.readings == 0
    missing = {p.reason: p.first for p in found.problems}
    assert "--images FOLDER" in missing["image_missing"]


def test_a_bare_recording_has_a_rate(formats: Path) -> None:
    found = survey(formats / "eyelink" / "mono.asc")
    assert (found.kind, found.rates_hz) == ("eyelink_asc", (1000.0,))


@pytest.mark.parametrize("folder", ["reflacx", "egd-cxr", "gazesearch"])
def test_no_number_of_a_patient_is_shown(formats: Path, images: Path, folder: str) -> None:
    shown = msgspec.json.encode(survey(formats / folder, options=_options(images))).decode()
    for number in ("19999999", "59999999", "00000000-11111111"):
        assert number not in shown


def test_nothing_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        survey(tmp_path / "nowhere")
