"""How good is a run on held-out readings, beside what needs no image at all?"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import torch

from gazekit.console import progress
from gazekit.metrics import Figure, SentenceLabeller
from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError, UsageError
from gazekit.model.files import write_json
from gazekit.model.layout_runs import RunLayout
from gazekit.model.version import DISCLAIMER
from trainer.checkpoint import Loaded, load_checkpoint, newest
from trainer.corpus import Sample, donors, load_samples, sentence_labels
from trainer.data import Split, make_batch
from trainer.evidence import Map, teacher_forced, write_reports
from trainer.imagecache import open_images
from trainer.prepare import require_same_data
from trainer.scores import Baselines, Tally, count_evidence, count_report
from trainer.targets import gaze_target
from trainer.validation import chunks

__all__ = ["MEANINGS", "Evaluation", "evaluate"]

MEANINGS = {
    "report_f1": "micro F1 of finding labels in generated reports (rule-based labels: a proxy)",
    "lesion_f1": "micro F1 of generated findings, label and place both right",
    "pointing": "share of dictated sentences with a placed finding whose map peaks in its box",
    "pointing_centre": "the same for a centred Gaussian",
    "pointing_train_mean": "the same for the mean gaze map of the train split",
    "nss": "normalised scanpath saliency of dictated sentences' maps at their fixations",
    "nss_centre": "the same for a centred Gaussian",
    "nss_train_mean": "the same for the mean gaze map of the train split",
    "nss_shuffled": "of the maps at the fixations of another reading",
}
"""What each figure is; a figure that cannot be computed is absent."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one run on one split, with 95 % intervals by bootstrap over patients."""

    checkpoint: str
    split: str
    fingerprint: str
    simulated: bool
    readings: int
    patients: int
    gaze: str
    figures: dict[str, Figure]
    meanings: dict[str, str]
    disclaimer: str = DISCLAIMER


def evaluate(
    run: RunLayout, *, split: str = "test", data: Path | None = None, other_data: bool = False
) -> Evaluation:
    """Score the best checkpoint of a run and write ``evaluation.json``.

    Parameters
    ----------
    data
        The dataset, where it is no longer at the place that the run remembers.
    other_data
        Accept a dataset with another fingerprint.

    Raises
    ------
    DataError
        There is no run, the split is missing or empty, the dataset is not the run's.
    """
    loaded = load_checkpoint(newest(run, pointer="best"))
    config = loaded.config
    torch.set_num_threads(config.fit.threads)
    path = data or config.data.path
    if path is None:
        raise UsageError("no dataset is named", remedy="give one with --data DATASET")
    dataset = open_dataset(path)
    if not other_data:
        require_same_data(loaded, dataset)
    samples = load_samples(dataset, split)
    pixels = open_images(dataset, split, config, home=run.root)
    train = load_samples(dataset, "train")
    tally = _tally(loaded, Split(samples, pixels, range(len(samples))), train)
    result = Evaluation(
        checkpoint=loaded.layout.root.name,
        split=split,
        fingerprint=dataset.info.fingerprint,
        simulated=dataset.info.simulated,
        readings=len(samples),
        patients=len({sample.patient for sample in samples}),
        gaze=config.data.gaze,
        figures=tally.figures(seed=config.fit.seed),
        meanings=MEANINGS,
    )
    write_json(run.evaluation, result)
    return result


def _tally(loaded: Loaded, split: Split, train: Sequence[Sample]) -> Tally:
    config, size_px = loaded.config, loaded.preprocess.size_px
    labeller = SentenceLabeller(sentence_labels(train))
    baselines = Baselines.on(loaded.model.grid, _targets(train, loaded))
    strangers = _strangers(split.samples, seed=config.fit.seed)
    placed = frozenset(box[0] for t in train for s in t.sentences for box in s.boxes)
    tally = Tally()
    with progress("reading images", len(split.samples)) as ticker:
        for rows in chunks(len(split.samples), size=config.fit.batch):
            batch = make_batch(split, rows, loaded.tokenizer, config)
            _, maps = teacher_forced(loaded.model, batch)
            reports = write_reports(loaded.model, loaded.tokenizer, batch.images)
            for i, row in enumerate(rows):
                sample = split.samples[row]
                count_report(
                    tally, sample, reports[i], labeller=labeller, placed=placed, size_px=size_px
                )
                stranger = None if strangers is None else split.samples[strangers[row]]
                count_evidence(
                    tally, sample, maps[i], stranger=stranger, baselines=baselines, size_px=size_px
                )
            ticker.tick(len(rows))
    return tally


def _strangers(samples: Sequence[Sample], *, seed: int) -> list[int] | None:
    """Return another reading for each, or None where all show one image."""
    try:
        return donors(samples, seed=seed)
    except DataError:
        return None


def _targets(train: Sequence[Sample], loaded: Loaded) -> list[Map]:
    return [
        gaze_target(
            sentence.fixations,
            image_size=sample.image_size,
            size_px=loaded.preprocess.size_px,
            grid=loaded.model.grid,
            sigma_patches=loaded.config.loss.sigma_patches,
        )
        for sample in train
        for sentence in sample.sentences
        if sentence.fixations is not None
    ]
