"""What a run starts from: readings, pixels, tokenizer and weights, fresh or of a checkpoint."""

from dataclasses import dataclass
from pathlib import Path

from gazekit.model.config import load_toml, to_toml
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.files import write_bytes
from gazekit.model.layout_runs import RunLayout
from trainer.card import Preprocess, facts_of
from trainer.checkpoint import Loaded, build_model, load_checkpoint, newest
from trainer.config import TrainConfig
from trainer.corpus import load_samples
from trainer.data import Split
from trainer.images import cached_images
from trainer.tokenizer import ReportTokenizer

__all__ = ["Prepared", "open_data", "prepare", "require_same_data"]


@dataclass(frozen=True)
class Prepared:
    """Readings to learn from, held-out ones where there are any, and the model with its words."""

    train: Split
    validation: Split | None
    loaded: Loaded


def prepare(config: TrainConfig, run: RunLayout, *, resume: bool, other_data: bool) -> Prepared:
    """Open the data and make or load the model; see `trainer.fit.main` for the errors."""
    if not resume:
        _check_place(run)
    dataset = open_data(config)
    samples = load_samples(dataset, _present(dataset, "train"))[: config.data.readings]
    loaded = _resumed(run, dataset, config, other_data=other_data) if resume else None
    if loaded is None:
        run.root.mkdir(parents=True, exist_ok=True)
        # Before anything else is there: it is what tells a run from a foreign folder.
        write_bytes(run.config, to_toml(config).encode())
    cache = run.root if config.data.cache is None else Path(config.data.cache)
    size_px = config.model.image_px
    pixels = cached_images(dataset, "train", size_px=size_px, cache=cache)
    train = Split.of(samples, pixels, config)
    if loaded is None:
        loaded = _fresh(run, dataset, config, train)
    validation = None
    if "validation" in dataset.splits and dataset.count("sentences", "validation"):
        readings = load_samples(dataset, "validation")
        pixels = cached_images(dataset, "validation", size_px=size_px, cache=cache)
        validation = Split(readings, pixels, range(len(readings)))
    return Prepared(train, validation, loaded)


def _check_place(run: RunLayout) -> None:
    """Raise UsageError where a new run would overwrite one, or mix with what is no run."""
    if run.last.exists() or run.metrics.exists():
        raise UsageError(
            "there is a run already",
            where=run.root.name,
            remedy=f"go on with: trainer fit --resume {run.root}, or choose another --out",
        )
    if not run.root.exists() or (run.root.is_dir() and not any(run.root.iterdir())):
        return
    if not _is_ours(run):
        raise UsageError(
            "there is something else than a training run",
            where=run.root.name,
            expected="a new folder or an empty one",
            remedy="choose another --out",
        )


def _is_ours(run: RunLayout) -> bool:
    """Say whether a folder was begun by `trainer fit` and left before its first step."""
    try:
        load_toml(run.config, TrainConfig)
    except (GazekitError, OSError):
        return False
    return True


def open_data(config: TrainConfig) -> Dataset:
    """Open the dataset that a configuration names."""
    if config.data.path is None:
        raise UsageError("no dataset is named", remedy="give one with --data DATASET")
    return open_dataset(config.data.path)


def _present(dataset: Dataset, split: str) -> str:
    if split in dataset.splits:
        return split
    raise DataError(
        f"the dataset has no {split} split",
        where=dataset.root.name,
        found=", ".join(dataset.splits) or "no readings",
        remedy="build it from more patients",
    )


def _fresh(run: RunLayout, dataset: Dataset, config: TrainConfig, train: Split) -> Loaded:
    texts = {s.text for sample in train.samples for s in sample.sentences}
    tokenizer = ReportTokenizer.train(texts, vocabulary=config.model.vocabulary)
    preprocess = Preprocess(
        size_px=config.model.image_px,
        grid=config.model.image_px // 8,
        mean=float(train.pixels.mean() / 255),
        std=max(1e-3, float(train.pixels.std() / 255)),
        data=facts_of(dataset),
    )
    model = build_model(config, tokenizer, preprocess)
    return Loaded(model, tokenizer, config, preprocess, run.checkpoint(0))


def _resumed(run: RunLayout, dataset: Dataset, config: TrainConfig, *, other_data: bool) -> Loaded:
    loaded = load_checkpoint(newest(run))
    if loaded.config.model != config.model:
        raise UsageError(
            "the [model] section differs from the checkpoint's",
            where=run.root.name,
            remedy="leave model.* as it was, or start a new run",
        )
    if not other_data:
        require_same_data(loaded, dataset)
    return Loaded(loaded.model, loaded.tokenizer, config, loaded.preprocess, loaded.layout)


def require_same_data(loaded: Loaded, dataset: Dataset) -> None:
    """Raise DataError when a dataset is not the one that a model was trained on."""
    known = loaded.preprocess.data.fingerprint
    if dataset.info.fingerprint != known:
        raise DataError(
            "this is not the dataset that the run was trained on",
            where=dataset.root.name,
            expected=f"fingerprint {known[:12]}",
            found=dataset.info.fingerprint[:12],
            remedy="give that dataset with --data, or say --other-data if this is meant",
        )
