"""Does a batch line up images, tokens, sentences and gaze?"""

from pathlib import Path

import pytest
import torch

from gazekit.model.dataset import open_dataset
from trainer.config import TrainConfig, load_config
from trainer.corpus import load_samples
from trainer.data import IGNORE, Split, StepBatches, make_batch
from trainer.imagecache import cached_images
from trainer.tokenizer import ReportTokenizer

Parts = tuple[Split, ReportTokenizer, TrainConfig]


@pytest.fixture(scope="module")
def parts(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    config = load_config("nano", ["fit.batch=5"])
    dataset = open_dataset(tiny_dataset)
    samples = load_samples(dataset, "train")
    cache = tmp_path_factory.mktemp("cache")
    pixels = cached_images(dataset, "train", size_px=96, cache=cache)
    tokenizer = ReportTokenizer.train(
        {s.text for sample in samples for s in sample.sentences}, vocabulary=400
    )
    return Split.of(samples, pixels, config), tokenizer, config


def test_each_row_predicts_the_next_token_of_its_sentence(parts: Parts) -> None:
    split, tokenizer, config = parts
    batch = make_batch(split, [3, 7], tokenizer, config)
    for i, row in enumerate((3, 7)):
        spoken = split.samples[row].sentences
        assert batch.ids[i, 0] == tokenizer.start
        for index, sentence in enumerate(spoken):
            mine = batch.targets[i][batch.sentence[i] == index]
            assert mine.tolist() == tokenizer.encode(sentence.text)
        length = int((batch.targets[i] != IGNORE).sum())
        assert batch.targets[i, length - 1] == tokenizer.report_end
        assert torch.equal(batch.ids[i, 1:length], batch.targets[i, : length - 1])


def test_sentences_without_gaze_are_masked(parts: Parts) -> None:
    batch = make_batch(parts[0], [0, 1, 2], *parts[1:])
    assert batch.gaze_mask.tolist() == [[0, 1, 1]] * 3
    assert batch.gaze.sum(-1).flatten().tolist() == pytest.approx([0, 1, 1] * 3, abs=1e-5)


def test_a_report_over_the_limit_is_cut_and_its_lost_sentences_masked(parts: Parts) -> None:
    split, tokenizer, _ = parts
    first = len(tokenizer.encode(split.samples[0].sentences[0].text))
    second = len(tokenizer.encode(split.samples[0].sentences[1].text))
    config = load_config("nano", [f"model.text_tokens={first + second}"])
    batch = make_batch(split, [0], tokenizer, config)
    assert batch.ids.shape[1] == first + second
    assert batch.gaze_mask.tolist() == [[0, 1, 0]]


def test_shuffled_gaze_is_another_readings(parts: Parts) -> None:
    split, tokenizer, _ = parts
    config = load_config("nano", ["data.gaze=shuffled"])
    shuffled = Split.of(split.samples, split.pixels, config)
    assert shuffled.donor is not None
    own = make_batch(split, range(24), tokenizer, config)
    other = make_batch(shuffled, range(24), tokenizer, config)
    assert torch.equal(other.images, own.images)
    assert torch.equal(other.ids, own.ids)
    assert torch.equal(other.gaze, own.gaze[list(shuffled.donor)])


def test_without_gaze_nothing_is_supervised(parts: Parts) -> None:
    split, tokenizer, _ = parts
    config = load_config("nano", ["data.gaze=none"])
    batch = make_batch(Split.of(split.samples, split.pixels, config), [0], tokenizer, config)
    assert batch.gaze_mask.sum() == 0
    assert batch.gaze.sum() == 0


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_do_not_depend_on_the_workers(parts: Parts, workers: int) -> None:
    batches = StepBatches(*parts)
    loader = torch.utils.data.DataLoader(
        batches, batch_size=None, sampler=range(3, 6), num_workers=workers
    )
    for step, batch in zip(range(3, 6), loader, strict=True):
        assert batch.rows == batches[step].rows
        assert torch.equal(batch.images, batches[step].images)
        assert torch.equal(batch.gaze, batches[step].gaze)


def test_images_are_decoded_once(parts: Parts, tiny_dataset: Path, tmp_path: Path) -> None:
    dataset = open_dataset(tiny_dataset)
    pixels = cached_images(dataset, "train", size_px=96, cache=tmp_path)
    assert pixels.shape == (24, 96, 96)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    again = cached_images(dataset, "train", size_px=96, cache=tmp_path)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before
    assert all((again[row] == pixels[row]).all() for row in range(24))
