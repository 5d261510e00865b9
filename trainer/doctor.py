"""Is this machine fit to train? One finding a check: green, yellow or red, and what to do."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import GazekitError
from trainer import environment

__all__ = ["Finding", "examine", "faulty", "green"]

_Colour = Literal["green", "yellow", "red"]

_NEEDED = ("safetensors", "tokenizers")
_CHOSEN = ("transformers", "peft", "onnx", "onnxruntime", "tensorboard")
_RUN_BYTES = 500_000_000
"""Two checkpoints of the largest embedded model with the optimiser's state, rounded up."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found."""

    check: str
    colour: _Colour
    found: str
    remedy: str | None = None


def examine(dataset: Path | None, out: Path) -> Iterator[Finding]:
    """Yield the findings on packages, device, disk and, where one is named, a dataset.

    Parameters
    ----------
    dataset
        A built dataset; None leaves its checks away.
    out
        Where a run would be written.
    """
    yield _torch()
    yield from _packages()
    yield _torchvision()
    if find_spec("torch") is not None:
        yield _device()
    yield _disk(out)
    if dataset is not None:
        yield from _dataset(dataset)


def _torch() -> Finding:
    problem, found = environment.package_problem("torch"), environment.installed("torch")
    if problem is not None:
        return faulty(problem)
    done = environment.tried(
        "import torch; print((torch.ones(2, 2) @ torch.ones(2, 2)).sum().item())"
    )
    if done is not None:
        return _red("torch", f"{found} does not run: {done}", "install torch anew")
    return green("torch", str(found))


def _packages() -> Iterator[Finding]:
    for name in (*_NEEDED, *_CHOSEN):
        problem, found = environment.package_problem(name), environment.installed(name)
        if problem is None:
            yield green(name, str(found))
        else:
            # What is not there may not be needed; what is there and does not fit breaks a run.
            yield faulty(problem, red=name in _NEEDED or found is not None)


def _torchvision() -> Finding:
    problem, found = environment.torchvision_problem(), environment.installed("torchvision")
    if problem is not None:
        return faulty(problem)
    return green("torchvision", f"{found}, not needed" if found else "not installed, not needed")


def _device() -> Finding:
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        bf16 = "bfloat16" if torch.cuda.is_bf16_supported() else "no bfloat16: float32"
        free, total = torch.cuda.mem_get_info()
        return green("device", f"{name}, {free / 1e9:.0f} of {total / 1e9:.0f} GB free, {bf16}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Finding(
        check="device",
        colour="yellow",
        found=f"no GPU that torch sees; {cores} CPU cores",
        remedy="nano and tiny train on a CPU; for more, install a torch build that fits the GPU",
    )


def _disk(out: Path) -> Finding:
    place = out.resolve()
    while not place.exists():
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return _red("disk", f"{out} cannot be written: {error.strerror}", "choose another --out")
    free = shutil.disk_usage(place).free
    if free < _RUN_BYTES:
        return _red("disk", f"{free / 1e9:.1f} GB free", "make room: a run takes up to 0.5 GB")
    return green("disk", f"{free / 1e9:.0f} GB free")


def _dataset(path: Path) -> Iterator[Finding]:
    try:
        dataset = open_dataset(path)
        yield green("dataset", f"{dataset.info.name}, schema {dataset.info.schema_version}")
        yield from _readings(dataset)
    except GazekitError as error:
        yield _red("dataset", error.what, error.remedy or "see: gazekit verify DATASET")


def _readings(dataset: Dataset) -> Iterator[Finding]:
    from trainer.corpus import load_samples
    from trainer.guards import require_apart
    from trainer.images import ParquetImages

    require_apart(dataset)
    yield green("splits", f"{', '.join(dataset.splits)}: no patient or image in two")
    samples = load_samples(dataset, "train")
    supervised = sum(any(s.fixations is not None for s in sample.sentences) for sample in samples)
    yield green("readings", f"{len(samples)} to learn from, {supervised} of them with gaze")
    images = ParquetImages(dataset, "train", size_px=32)
    there = images.present[[sample.image_row for sample in samples]]
    if not there.any():
        yield _red("images", "none is embedded", "build the dataset with its images embedded")
        return
    images[samples[int(there.argmax())].image_row]
    colour: _Colour = "green" if there.all() else "yellow"
    remedy = None if there.all() else "readings without an image are left out"
    found = f"{int(there.sum())} of {len(there)} readings have theirs; the first one decodes"
    yield Finding(check="images", colour=colour, found=found, remedy=remedy)


def green(check: str, found: str) -> Finding:
    """Return the finding that something is as it should be."""
    return Finding(check=check, colour="green", found=found)


def _red(check: str, found: str, remedy: str) -> Finding:
    return Finding(check=check, colour="red", found=found, remedy=remedy)


def faulty(problem: GazekitError, *, red: bool = True) -> Finding:
    """Return the finding on a fault that a run names in the same words."""
    return Finding(
        check=str(problem.where),
        colour="red" if red else "yellow",
        found=environment.told(problem),
        remedy=problem.remedy,
    )
