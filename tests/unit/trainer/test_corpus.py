"""Are readings, sentences and gaze put together by key?"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError
from trainer.corpus import donors, load_samples, nth_gaze

Maker = Callable[..., Path]


def test_a_sentence_without_a_key_frame_stays_as_text(tiny_dataset: Path) -> None:
    samples = load_samples(open_dataset(tiny_dataset), "train")
    assert len(samples) == 24
    for sample in samples:
        assert [s.fixations is None for s in sample.sentences] == [True, False, False]
        assert sample.sentences[0].text == "the airway is midline."


def test_fixations_belong_to_their_own_sentence(tiny_dataset: Path) -> None:
    for sample in load_samples(open_dataset(tiny_dataset), "test"):
        nodule = sample.sentences[1]
        ((label, x0, y0, x1, y1),) = nodule.boxes
        assert label == "Lung Lesion"
        assert nodule.fixations is not None
        assert nodule.fixations.x_px.shape == (3,)
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        looked = nodule.fixations.x_px.mean(), nodule.fixations.y_px.mean()
        assert looked == pytest.approx(middle, abs=12)


def test_a_donor_shows_another_image(tiny_dataset: Path) -> None:
    samples = load_samples(open_dataset(tiny_dataset), "train")
    chosen = donors(samples, seed=0)
    assert all(samples[other].image_id != samples[i].image_id for i, other in enumerate(chosen))
    assert sorted(chosen) == list(range(len(samples))), "each gives its gaze once"
    assert chosen == donors(samples, seed=0)
    assert chosen != donors(samples, seed=1)


def test_two_readings_of_one_image_do_not_swap_gaze(tiny_dataset: Path) -> None:
    samples = load_samples(open_dataset(tiny_dataset), "train")[:4]
    twins = [replace(sample, image_id="img-000") for sample in samples[:2]] + samples[2:]
    for seed in range(5):
        chosen = donors(twins, seed=seed)
        assert {chosen[0], chosen[1]} <= {2, 3}
    with pytest.raises(DataError, match="two images"):
        donors(twins[:2], seed=0)


def test_gaze_is_taken_round_again(tiny_dataset: Path) -> None:
    sample = load_samples(open_dataset(tiny_dataset), "train")[0]
    assert nth_gaze(sample, 4) is sample.sentences[1].fixations
    assert nth_gaze(sample, 3) is None


def test_gaze_derived_boxes_are_never_truth(tiny_dataset: Path) -> None:
    from trainer.corpus import _boxes

    box = {"label": "Fracture", "x0_px": 1.0, "y0_px": 2.0, "x1_px": 3.0, "y1_px": 4.0}
    findings = [{**box, "origin": origin} for origin in ("human", "gaze", "text", "simulated")]
    assert len(_boxes(findings)) == 2
    assert _boxes([{**box, "origin": "human", "x0_px": None}]) == ()


def test_an_empty_split_is_named(make_dataset: Maker) -> None:
    dataset = open_dataset(make_dataset({"train": 2, "test": 0}))
    with pytest.raises(DataError, match="test split has no reading"):
        load_samples(dataset, "test")
    with pytest.raises(DataError, match="no such split"):
        load_samples(dataset, "tset")


def test_ragged_columns_keep_empty_rows() -> None:
    import pyarrow as pa

    from trainer.corpus import _ragged

    column = pa.chunked_array([[[1.0], []], [[], [2.0, 3.0]]], type=pa.list_(pa.float32()))
    found = _ragged(column)
    assert [row.tolist() for row in found] == [[1], [], [], [2, 3]]
    assert all(row.dtype == np.float64 for row in found)
