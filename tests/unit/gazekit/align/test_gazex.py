"""The paper's key frames: those of the algorithm as it is described, whatever the gaze."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.gazex_original import original_frames
from benchmarks.gazex_reading import synthetic_reading
from gazekit.align.gazex import GazexFrame, GazexPlan, ImageSamples, gazex_frames
from gazekit.align.sentences import Sentence
from gazekit.model.errors import DataError

SIZE = (400, 480)


def _reading(seed: int, *, zoom: bool = False) -> tuple[ImageSamples, list[Sentence]]:
    return synthetic_reading(
        seed, seconds=9, rate_hz=60, image_size=SIZE, sentences=2, px_per_deg=30, zoom=zoom
    )


@pytest.mark.parametrize("zoom", [False, True], ids=["one size", "zoomed"])
@pytest.mark.parametrize("seed", range(3))
def test_frames_are_those_of_the_description(seed: int, *, zoom: bool) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn has the DBSCAN of the reference")
    samples, sentences = _reading(seed, zoom=zoom)
    ours = list(gazex_frames(samples, sentences, image_size=SIZE))
    theirs = list(original_frames(samples, sentences, image_size=SIZE))
    assert [(f.sentence_index, f.holistic) for f in ours] == [
        (f.sentence_index, f.holistic) for f in theirs
    ]
    for frame, known in zip(ours, theirs, strict=True):
        assert np.abs(frame.heatmap - known.heatmap).max() < 1e-3
        assert frame.box_px == pytest.approx(known.box_px, abs=1)
        assert frame.centroid_px == pytest.approx(known.centroid_px, abs=0.1)
        assert frame.time_us == pytest.approx(known.time_us, abs=5000)


def test_some_of_these_readings_have_several_clusters() -> None:
    frames = [f for seed in range(4) for f in gazex_frames(*_reading(seed), image_size=SIZE)]
    assert sum(not frame.holistic for frame in frames) >= 3


def test_clusters_stand_in_the_order_of_their_times_and_the_holistic_frame_is_last() -> None:
    for seed in range(4):
        samples, sentences = _reading(seed)
        for sentence in sentences:
            frames = list(gazex_frames(samples, [sentence], image_size=SIZE))
            times = [frame.time_us for frame in frames[:-1]]
            assert times == sorted(times)
            assert [frame.order for frame in frames] == list(range(len(frames)))
            assert [frame.holistic for frame in frames] == [False] * len(times) + [True]
            assert len(times) != 1


def _two_places(
    first: tuple[float, float], second: tuple[float, float], n: int = 200
) -> ImageSamples:
    x = np.repeat([first[0], second[0]], n).astype(float)
    y = np.repeat([first[1], second[1]], n).astype(float)
    jitter = np.random.default_rng(0).normal(0, 2, (2, 2 * n))
    sigma = np.full(2 * n, 30.0)
    time_us = np.arange(2 * n) * 5000
    return ImageSamples(time_us, x + jitter[0], y + jitter[1], sigma, sigma)


def _said(index: int, onset_us: int | None, offset_us: int | None) -> Sentence:
    return Sentence(index, "Clear.", (), onset_us, offset_us)


def _box(frame: GazexFrame) -> tuple[float, float, float, float]:
    assert frame.box_px is not None
    return frame.box_px


def test_two_far_places_are_two_frames_at_their_places_and_times() -> None:
    samples = _two_places((80, 100), (320, 400))
    frames = list(gazex_frames(samples, [_said(0, 0, 2_000_000)], image_size=SIZE))
    assert [f.holistic for f in frames] == [False, False, True]
    assert frames[0].centroid_px == pytest.approx((80, 100), abs=4)
    assert frames[1].centroid_px == pytest.approx((320, 400), abs=4)
    assert 0 < frames[0].time_us < 1_000_000 < frames[1].time_us < 2_000_000
    x0, y0, x1, y1 = _box(frames[0])
    assert x0 < 80 < x1 < 320
    assert y0 < 100 < y1 < 400


def test_a_sentence_without_gaze_or_time_takes_no_frame_from_another() -> None:
    samples = _two_places((80, 100), (320, 400))
    sentences = [_said(0, None, None), _said(1, 60_000_000, 61_000_000), _said(2, 0, 2_000_000)]
    frames = list(gazex_frames(samples, sentences, image_size=SIZE))
    assert {frame.sentence_index for frame in frames} == {2}


def test_lost_samples_change_nothing() -> None:
    samples = _two_places((80, 100), (320, 400))
    gap = ImageSamples(np.arange(3) * 5000 + 2_000_000, *np.full((4, 3), np.nan))
    longer = ImageSamples(
        *(
            np.concatenate([getattr(part, name) for part in (samples, gap)])
            for name in ("time_us", "x_px", "y_px", "sigma_x_px", "sigma_y_px")
        )
    )
    sentences = [_said(0, 0, 3_000_000)]
    whole = list(gazex_frames(samples, sentences, image_size=SIZE))
    with_gap = list(gazex_frames(longer, sentences, image_size=SIZE))
    assert [f.box_px for f in whole] == [f.box_px for f in with_gap]


def test_boxes_are_narrowed_on_demand() -> None:
    samples, sentences = _two_places((80, 100), (320, 400)), [_said(0, 0, 2_000_000)]
    plan = GazexPlan(narrow_pct=(25, 10))
    wide = list(gazex_frames(samples, sentences, image_size=SIZE))
    narrow = list(gazex_frames(samples, sentences, image_size=SIZE, plan=plan))
    for before, after, kept in zip(wide, narrow, (0.5, 0.5, 0.8), strict=True):
        width = _box(before)[2] - _box(before)[0]
        assert _box(after)[2] - _box(after)[0] == pytest.approx(kept * width)


def test_gaze_at_one_far_corner_still_has_its_box() -> None:
    """The top fifth of a map reaches where float32 has nothing left."""
    samples = _two_places((10, 10), (14, 14))
    samples = replace(samples, sigma_x_px=np.full(400, 8.0), sigma_y_px=np.full(400, 8.0))
    (frame,) = gazex_frames(samples, [_said(0, 0, 2_000_000)], image_size=(800, 800))
    x0, y0, x1, y1 = _box(frame)
    assert (x0, y0) == (0, 0)
    assert 100 < x1 < 420
    assert x1 == pytest.approx(y1, abs=8)


def test_times_that_go_backwards_are_refused() -> None:
    samples = _two_places((80, 100), (320, 400))
    with pytest.raises(DataError, match="backwards"):
        list(gazex_frames(samples.at(slice(None, None, -1)), [], image_size=SIZE))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_maps_are_between_0_and_1_and_reach_1(seed: int) -> None:
    samples, sentences = _reading(seed)
    for frame in gazex_frames(samples, sentences, image_size=SIZE):
        assert frame.heatmap.shape == (120, 100)
        assert frame.heatmap.min() >= 0
        assert frame.heatmap.max() == 1
