"""Do key frames stay with their sentences, whichever preset makes them?"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gazekit import open_dataset
from gazekit.build.config import AlignConfig, BuildConfig
from gazekit.build.gaze import PlacedGaze, place_gaze
from gazekit.build.reading import build_reading
from gazekit.model.layout import StudyLayout
from gazekit.read import Exclusion, ReadingInput, in_display_px, open_sources

Rows = dict[int, dict[str, Any]]
PRESETS = ["default", "gazex"]


@pytest.fixture(scope="module")
def reading(small_study: Path) -> ReadingInput:
    (source,) = open_sources(min(StudyLayout(small_study).sessions.iterdir()))
    catalogue = source.catalogue()
    return in_display_px(next(iter(source.load([catalogue.readings[0].reading_id], catalogue))))


def _rows(reading: ReadingInput, preset: Any) -> Rows:
    config = BuildConfig(align=AlignConfig(preset=preset)).checked()
    placed = place_gaze(reading, config)
    assert isinstance(placed, PlacedGaze)
    made = build_reading(placed, split="train", config=config).tables["keyframes"]
    return {row["sentence_index"]: row for row in made.to_pylist()}


def _first_sentence_late(reading: ReadingInput) -> ReadingInput:
    """Return the reading with its first sentence spoken an hour later, where there is no gaze."""
    hour, words = 3_600_000_000, list(reading.words)
    for place, word in enumerate(words):
        onset = None if word.onset_us is None else word.onset_us + hour
        words[place] = msgspec.structs.replace(word, onset_us=onset, offset_us=onset)
        if word.text.endswith("."):
            break
    return replace(reading, words=tuple(words))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_sentence_without_gaze_moves_no_other(reading: ReadingInput, preset: str) -> None:
    whole = _rows(reading, preset)
    first = 0
    assert first in whole
    assert len(whole) >= 3
    found = _rows(_first_sentence_late(reading), preset)
    assert found.keys() == whole.keys() - {first}
    for index, row in found.items():
        assert row["text"] == whole[index]["text"]
        assert row["sentence_id"] == whole[index]["sentence_id"]
        assert row["window_onset_us"] <= row["gaze_time_us"] <= row["window_offset_us"]
        if index > first + 1 or preset == "gazex":
            assert row == whole[index]


@pytest.mark.parametrize("preset", PRESETS)
def test_clusters_stand_in_order_inside_the_window(reading: ReadingInput, preset: str) -> None:
    several = 0
    for row in _rows(reading, preset).values():
        clusters = row["clusters"]
        several += len(clusters) > 1
        key = "time_us" if preset == "gazex" else "onset_us"
        assert [c["order"] for c in clusters] == list(range(len(clusters)))
        assert [c[key] for c in clusters] == sorted(c[key] for c in clusters)
        for cluster in clusters:
            assert row["window_onset_us"] <= cluster["onset_us"] <= cluster["time_us"]
            assert cluster["time_us"] <= cluster["offset_us"] <= row["window_offset_us"]
            assert 0 <= cluster["x0_px"] < cluster["x1_px"] <= row["image_width_px"]
            assert 0 <= cluster["y0_px"] < cluster["y1_px"] <= row["image_height_px"]
    assert several


def test_a_fixation_names_the_cluster_that_it_is_in(reading: ReadingInput) -> None:
    inside = []
    for row in _rows(reading, "gazex").values():
        assert len(row["fixation_cluster"]) == len(row["fixation_x_px"])
        for owner, x, y in zip(
            row["fixation_cluster"], row["fixation_x_px"], row["fixation_y_px"], strict=True
        ):
            if owner is not None:
                box = row["clusters"][owner]
                inside.append(
                    box["x0_px"] <= x <= box["x1_px"] and box["y0_px"] <= y <= box["y1_px"]
                )
    assert len(inside) > 5
    assert all(inside)


def test_every_fixation_is_in_one_cluster_of_the_default(reading: ReadingInput) -> None:
    for row in _rows(reading, "default").values():
        assert sum(c["n_fixations"] for c in row["clusters"]) == len(row["fixation_x_px"])
        for cluster in row["clusters"]:
            assert row["fixation_cluster"].count(cluster["order"]) == cluster["n_fixations"]
        assert sum(c["duration_us"] for c in row["clusters"]) == sum(row["fixation_duration_us"])


def test_the_preset_is_an_option_of_the_build(
    small_study: Path, tmp_path: Path, gazekit: Callable[..., Any]
) -> None:
    session = min(StudyLayout(small_study).sessions.iterdir())
    out = tmp_path / "dataset"
    done = gazekit("build", session, "--out", out, "--workers", 1, "--set", "align.preset=gazex")
    assert done.code == 0, done.err
    rows = open_dataset(out).table("keyframes").to_pylist()
    assert any(cluster["n_fixations"] is None for row in rows for cluster in row["clusters"])
    assert gazekit("verify", out).code == 0
    both = ("--set", "align.preset=gazex", "--set", "align.lead_s=1")
    done = gazekit("build", session, "--out", tmp_path / "b", "--workers", 1, *both)
    assert done.code == 2
    assert "preset" in done.err


def test_the_paper_leads_by_two_seconds_and_shares(reading: ReadingInput) -> None:
    rows = _rows(reading, "gazex")
    overlaps = 0
    for index, row in rows.items():
        assert row["window_onset_us"] == max(0, row["onset_us"] - 2_000_000)
        assert row["window_offset_us"] == row["offset_us"]
        before = rows.get(index - 1)
        overlaps += before is not None and row["window_onset_us"] < before["window_offset_us"]
    assert overlaps


def test_fixations_alone_are_left_out_of_the_preset_gazex(reading: ReadingInput) -> None:
    bare = replace(reading, samples=reading.samples.slice(0, 0), fixations=None)
    config = BuildConfig(align=AlignConfig(preset="gazex"))
    left_out = place_gaze(bare, config)
    assert isinstance(left_out, Exclusion)
    assert left_out.reason == "reading_without_samples"
