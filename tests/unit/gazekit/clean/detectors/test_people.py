"""Does the default detector agree with people who labelled the same recordings?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.agreement import Agreement, summarise
from benchmarks.detectors import run_ours, score
from benchmarks.labelled import Recording, read_recordings


@pytest.fixture(scope="module")
def recordings(shared_data: Callable[[str], Path]) -> list[Recording]:
    return read_recordings(shared_data("andersson2017_dev"))


def _agreement(recordings: list[Recording], kind: str) -> Agreement:
    return summarise([score(run_ours(r, "default"), r)[kind] for r in recordings])


def _of(recordings: list[Recording], stimulus: str) -> list[Recording]:
    return [r for r in recordings if r.stimulus == stimulus]


def test_on_images(recordings: list[Recording]) -> None:
    images = _of(recordings, "img")
    fixation, saccade = _agreement(images, "fixation"), _agreement(images, "saccade")
    assert fixation.kappa >= 0.80
    assert fixation.f1 >= 0.93
    assert saccade.kappa >= 0.82
    assert saccade.f1 >= 0.88


def test_saccades_on_video(recordings: list[Recording]) -> None:
    assert _agreement(_of(recordings, "video"), "saccade").kappa >= 0.78


def test_little_is_lost_at_120_hz(recordings: list[Recording]) -> None:
    images = _of(recordings, "img")
    slow = [r.at_rate(120.0) for r in images]
    lost = _agreement(images, "fixation").kappa - _agreement(slow, "fixation").kappa
    assert lost <= 0.10


def test_long_fixations_are_found_through_noise(recordings: list[Recording]) -> None:
    images = _of(recordings, "img")
    noisy = [r.with_noise(0.3, seed=seed) for seed, r in enumerate(images)]
    assert _agreement(noisy, "fixation").long_recall >= 0.90
