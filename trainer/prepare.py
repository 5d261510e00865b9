"""What a run starts from: readings, pixels, tokenizer and weights, fresh or of a checkpoint."""

from dataclasses import dataclass

from msgspec.structs import replace

from gazekit.console import say
from gazekit.model.config import load_toml
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.layout_runs import RunLayout
from trainer.backbones.choice import (
    base_model,
    begin_words,
    build_model,
    start_weights,
)
from trainer.card import Preprocess, facts_of
from trainer.checkpoint import Loaded, load_checkpoint, newest
from trainer.config import TrainConfig
from trainer.corpus import Sample, load_corpus, load_samples
from trainer.data import Split
from trainer.guards import require_apart
from trainer.habits import habits_of
from trainer.imagecache import chosen_source, open_images
from trainer.images import Pictures, grey_mean_std
from trainer.local import portable, write_run_config
from trainer.tasks import bank_of, texts_of

__all__ = ["Prepared", "open_data", "prepare", "require_same_data"]


@dataclass(frozen=True)
class Prepared:
    """Readings to learn from, held-out ones where there are any, and the model with its words."""

    train: Split
    validation: Split | None
    loaded: Loaded


def prepare(
    config: TrainConfig,
    run: RunLayout,
    *,
    resume: bool,
    other_data: bool,
    init_from: RunLayout | None = None,
    alone: bool = True,
) -> Prepared:
    """Open the data and make or load the model; see `trainer.fit.main` for the errors.

    `config`: one that `trainer.backbones.choice` has settled. `alone`: whether this process makes
    what is made once, or finds it made.
    """
    if not resume and alone:
        _check_place(run)
    dataset = open_data(config)
    _present(dataset, "train")
    require_apart(dataset)
    source = chosen_source(dataset, config, home=run.root)
    config = replace(config, data=replace(config.data, images=source))
    loaded = _resumed(run, dataset, config, other_data=other_data) if resume else None
    samples, gaps = load_corpus(dataset, "train")
    if str(gaps):
        say(f"train: {gaps}")
    samples = samples[: config.data.readings]
    if alone:
        # Before anything else is there: it is what tells a run from a foreign folder.
        write_run_config(run, config)
    samples, pixels = _pictured(samples, dataset, "train", config, run)
    train = Split.of(samples, pixels, config, bank_of(dataset, samples, config))
    if loaded is None:
        loaded = _fresh(run, dataset, config, train, init_from=init_from)
    return Prepared(train, _held_out(train, dataset, config, run), loaded)


def _held_out(train: Split, dataset: Dataset, config: TrainConfig, run: RunLayout) -> Split | None:
    if config.data.held_out == "train":
        return Split(train.samples, train.pixels, range(len(train.samples)))
    if "validation" not in dataset.splits or not dataset.count("sentences", "validation"):
        return None
    readings = load_samples(dataset, "validation")
    readings, pixels = _pictured(readings, dataset, "validation", config, run)
    return Split(readings, pixels, range(len(readings)))


def _pictured(
    samples: list[Sample], dataset: Dataset, split: str, config: TrainConfig, run: RunLayout
) -> tuple[list[Sample], Pictures]:
    """Return the readings whose image is in the dataset, and the images; say how many are not.

    Raises
    ------
    DataError
        There is no image at all, or one does not decode.
    """
    pixels = open_images(dataset, split, config, home=run.root)
    present = pixels.present
    kept = [sample for sample in samples if present[sample.image_row]]
    if not kept:
        raise DataError(
            f"no reading of the {split} split has its image",
            where=dataset.root.name,
            remedy="build it with its images embedded",
        )
    if len(kept) < len(samples):
        say(
            f"{len(samples) - len(kept)} of {len(samples)} {split} readings have no image: left out"
        )
    return kept, pixels


def _check_place(run: RunLayout) -> None:
    """Raise UsageError where a new run would overwrite one, or mix with what is no run."""
    if run.last.exists():
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


def _fresh(
    run: RunLayout,
    dataset: Dataset,
    config: TrainConfig,
    train: Split,
    *,
    init_from: RunLayout | None,
) -> Loaded:
    if init_from is not None:
        return _warm(init_from, run, dataset, config)
    tokenizer = begin_words(config, lambda: texts_of(train.samples, train.bank))
    mean, std = grey_mean_std(train.pixels, [sample.image_row for sample in train.samples])
    preprocess = Preprocess(
        size_px=config.model.image_px,
        grid=config.model.grid,
        mean=mean,
        std=max(1e-3, std),
        data=facts_of(dataset),
        habits=habits_of(dataset),
        base=base_model(config),
        codec=tokenizer.places(config.model).name if config.curriculum else None,
    )
    model = build_model(config, tokenizer, preprocess)
    start_weights(model, config)
    return Loaded(model, tokenizer, config, preprocess, run.checkpoint(0))


def _warm(begin: RunLayout, run: RunLayout, dataset: Dataset, config: TrainConfig) -> Loaded:
    """Start from another run's weights and vocabulary; the grey values are scaled as there."""
    loaded = load_checkpoint(newest(begin, pointer="best"))
    _require_same_model(loaded, config, begin)
    preprocess = replace(
        loaded.preprocess, data=facts_of(dataset), weights="raw", habits=habits_of(dataset)
    )
    return Loaded(loaded.model, loaded.tokenizer, config, preprocess, run.checkpoint(0))


def _require_same_model(loaded: Loaded, config: TrainConfig, run: RunLayout) -> None:
    then, now = portable(loaded.config), portable(config)
    if then.model != now.model or (then.model.backbone == "hf" and then.lora != now.lora):
        raise UsageError(
            "the [model] section, or [lora], differs from the checkpoint's",
            where=run.root.name,
            remedy="leave model.* and lora.* as they were, or start a new run",
        )


def _resumed(run: RunLayout, dataset: Dataset, config: TrainConfig, *, other_data: bool) -> Loaded:
    loaded = load_checkpoint(newest(run))
    _require_same_model(loaded, config, run)
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
