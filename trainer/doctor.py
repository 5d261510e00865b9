"""Is this machine fit to train? One finding a check: green, yellow or red, and what to do."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec

from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import GazekitError

__all__ = ["Finding", "examine"]

_Colour = Literal["green", "yellow", "red"]

_NEEDED = {"safetensors": (0, 5), "tokenizers": (0, 21)}
_TORCH = (2, 6)
_CHOSEN = {
    "transformers": ((5, 3), "hf"),
    "peft": ((0, 18), "hf"),
    "onnx": ((1, 18), "onnx"),
    "onnxruntime": ((1, 20), "onnx"),
    "tensorboard": ((2, 18), "tensorboard"),
}
_TOO_NEW = {"transformers": (6,)}
_PATIENCE_S = 120
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
    found = _installed("torch")
    if found is None or _numbers(found) < _TORCH:
        return _red("torch", found or "not installed", "pip install 'gazekit[train]'")
    done = _tried("import torch; print((torch.ones(2, 2) @ torch.ones(2, 2)).sum().item())")
    if done is not None:
        return _red("torch", f"{found} does not run: {done}", "install torch anew")
    return _green("torch", found)


def _packages() -> Iterator[Finding]:
    for name, least in _NEEDED.items():
        found = _installed(name)
        if found is None or _numbers(found) < least:
            yield _red(name, found or "not installed", "pip install 'gazekit[train]'")
        else:
            yield _green(name, found)
    for name, (least, extra) in _CHOSEN.items():
        found = _installed(name)
        remedy = f"pip install 'gazekit[{extra}]'"
        if found is None:
            yield Finding(check=name, colour="yellow", found="not installed", remedy=remedy)
        elif _numbers(found) < least or _numbers(found) >= _TOO_NEW.get(name, (10**6,)):
            yield _red(name, found, remedy)
        else:
            yield _green(name, found)


def _torchvision() -> Finding:
    found = _installed("torchvision")
    if found is None:
        return _green("torchvision", "not installed, and not needed")
    problem = _tried("import torchvision; import torch; torch.ops.torchvision.nms")
    if problem is not None:
        return _red(
            "torchvision",
            f"{found} does not fit torch {_installed('torch')} and breaks transformers: {problem}",
            "pip uninstall torchvision (gazekit does not need it)",
        )
    return _green("torchvision", f"{found}, not needed")


def _device() -> Finding:
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        bf16 = "bfloat16" if torch.cuda.is_bf16_supported() else "no bfloat16: float32"
        free, total = torch.cuda.mem_get_info()
        return _green("device", f"{name}, {free / 1e9:.0f} of {total / 1e9:.0f} GB free, {bf16}")
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
    return _green("disk", f"{free / 1e9:.0f} GB free")


def _dataset(path: Path) -> Iterator[Finding]:
    try:
        dataset = open_dataset(path)
        yield _green("dataset", f"{dataset.info.name}, schema {dataset.info.schema_version}")
        yield from _readings(dataset)
    except GazekitError as error:
        yield _red("dataset", error.what, error.remedy or "see: gazekit verify DATASET")


def _readings(dataset: Dataset) -> Iterator[Finding]:
    from trainer.corpus import load_samples
    from trainer.guards import require_apart
    from trainer.images import ParquetImages

    require_apart(dataset)
    yield _green("splits", f"{', '.join(dataset.splits)}: no patient or image in two")
    samples = load_samples(dataset, "train")
    supervised = sum(any(s.fixations is not None for s in sample.sentences) for sample in samples)
    yield _green("readings", f"{len(samples)} to learn from, {supervised} of them with gaze")
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


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split("+", maxsplit=1)[0].split(".")
    return tuple(int(part) for part in parts[:2] if part.isdigit())


def _tried(code: str) -> str | None:
    """Run code in a Python of its own; return the last line of what it complains of."""
    try:
        done = subprocess.run(  # noqa: S603 - this Python, and code of this file
            [sys.executable, "-c", code],
            check=False,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_PATIENCE_S} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def _green(check: str, found: str) -> Finding:
    return Finding(check=check, colour="green", found=found)


def _red(check: str, found: str, remedy: str) -> Finding:
    return Finding(check=check, colour="red", found=found, remedy=remedy)
