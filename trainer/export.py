"""How does a model leave its run: a folder with weights, ONNX graph, words, sizes and its card."""

import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from gazekit.model.errors import UnfitError, UsageError
from gazekit.model.files import write_bytes, write_checksums
from gazekit.model.layout_runs import CheckpointLayout, RunLayout
from trainer.backbones.embedded import EmbeddedModel
from trainer.checkpoint import Loaded, load_checkpoint, newest, write_whole

__all__ = ["Exported", "export_model", "onnx_difference"]

_OPSET = 20


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    `onnx_difference`: greatest difference of the ONNX graph's outputs from torch's, null where
    onnxruntime is not there to tell.
    """

    folder: str
    checkpoint: str
    files: tuple[str, ...]
    onnx: bool
    onnx_difference: float | None = None


class _Graph(nn.Module):
    """The model as ONNX has it: a tuple comes out."""

    def __init__(self, model: EmbeddedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        output = self.model(images, ids)
        return output.logits, output.attention


def export_model(run: RunLayout, out: Path, *, onnx: bool = True) -> Exported:
    """Write the best checkpoint of a run to a folder of its own, without its training state.

    `trainer predict` and `evaluate` read the folder as they read a run. Of a model of the Hugging
    Face library it is one that this library opens: adapters are merged, and ONNX is left away.

    Parameters
    ----------
    onnx
        Write ``model.onnx`` too: (images uint8 (batch, 1, size, size), ids int64 (batch, T)) to
        (logits, attention), with any batch and T.

    Raises
    ------
    UsageError
        The folder is there already.
    UnfitError
        The packages that write ONNX are not installed.
    DataError
        There is no run.
    """
    source = newest(run, pointer="best")
    loaded = load_checkpoint(source)
    if out.exists():
        raise UsageError(
            "there is something already", where=out.name, remedy="choose another --out"
        )
    onnx = onnx and isinstance(loaded.model, EmbeddedModel)
    if onnx:
        _require("onnx", "onnxscript")
    part = CheckpointLayout(out.with_name(f".{out.name}.part-{os.getpid()}"))
    shutil.rmtree(part.root, ignore_errors=True)
    part.root.mkdir(parents=True)
    try:
        difference = _write_model(loaded, source, part, onnx=onnx)
        for pointer in (RunLayout(part.root).last, RunLayout(part.root).best):
            write_bytes(pointer, b".\n")
        write_checksums(part.root)
        part.root.replace(out)
    finally:
        shutil.rmtree(part.root, ignore_errors=True)
    return Exported(
        folder=str(out),
        checkpoint=source.root.name,
        files=tuple(sorted(path.name for path in out.iterdir())),
        onnx=onnx,
        onnx_difference=difference,
    )


def _write_model(
    loaded: Loaded, source: CheckpointLayout, part: CheckpointLayout, *, onnx: bool
) -> float | None:
    """Write what a model is; return how far its ONNX graph is off, where one is written."""
    shutil.copyfile(source.metrics, part.metrics)
    shutil.copyfile(source.card, part.card)
    if not isinstance(loaded.model, EmbeddedModel):
        write_whole(loaded, part)
        return None
    for path in (source.weights, source.config, source.tokenizer, source.preprocess):
        shutil.copyfile(path, part.root / path.name)
    return _write_onnx(loaded.model, part.onnx) if onnx else None


def _write_onnx(model: EmbeddedModel, path: Path) -> float | None:
    images, ids = _example(model, batch=2, tokens=7)
    batch, tokens = torch.export.Dim("batch"), torch.export.Dim("tokens")
    with _quiet():
        torch.onnx.export(
            _Graph(model.eval()),
            (images, ids),
            str(path),
            dynamo=True,
            opset_version=_OPSET,
            input_names=["images", "ids"],
            output_names=["logits", "attention"],
            dynamic_shapes={"images": {0: batch}, "ids": {0: batch, 1: tokens}},
            external_data=False,
            verbose=False,
        )
    return onnx_difference(model, path) if find_spec("onnxruntime") else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what the exporter says of its own workings, and of a torchvision not used."""
    log = logging.getLogger("torch.onnx")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)


def onnx_difference(model: EmbeddedModel, path: Path) -> float:
    """Return the greatest difference of the graph's outputs from torch's, on another shape."""
    _require("onnxruntime")
    import onnxruntime  # type: ignore[import-untyped]

    images, ids = _example(model, batch=3, tokens=11)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found = session.run(None, {"images": images.numpy(), "ids": ids.numpy()})
    with torch.no_grad():
        expected = _Graph(model.eval())(images, ids)
    return max(
        float(np.abs(mine - theirs.numpy()).max())
        for mine, theirs in zip(found, expected, strict=True)
    )


def _example(model: EmbeddedModel, *, batch: int, tokens: int) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    side = model.config.image_px
    images = torch.randint(0, 256, (batch, 1, side, side), dtype=torch.uint8, generator=random)
    words = len(model.embedding.weight)
    return images, torch.randint(0, words, (batch, tokens), generator=random)


def _require(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise UnfitError(
            f"{' and '.join(missing)} not installed",
            where="ONNX",
            remedy="install it: pip install 'gazekit[onnx]', or say --no-onnx",
        )
