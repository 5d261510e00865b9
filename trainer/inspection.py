"""What would `trainer fit` see at a step? Its data opened as for a run, and one batch drawn."""

import tempfile
from dataclasses import replace
from pathlib import Path

import msgspec

from gazekit.model.files import write_bytes
from gazekit.model.layout_runs import RunLayout
from trainer.backbones.choice import settled
from trainer.config import TrainConfig
from trainer.imagecache import chosen_source
from trainer.images import ParquetImages
from trainer.prepare import open_data, prepare
from trainer.sheet import sheet_png

__all__ = ["inspect_batch"]


def inspect_batch(
    config: TrainConfig, out: Path, *, data: Path | None = None, step: int = 0, readings: int = 6
) -> Path:
    """Write a PNG of the batch at a step; nothing else is left behind.

    Raises
    ------
    UsageError, DataError
        As `trainer.fit.main`.
    """
    if data is not None:
        config = _with(config, path=str(data))
    dataset = open_data(config)
    grouped = chosen_source(dataset, config, home=out.parent) == "parquet"
    with tempfile.TemporaryDirectory() as folder:
        streamed = _with(settled(config), images="parquet")
        prepared = prepare(streamed, RunLayout(Path(folder)), resume=False, other_data=False)
        config = _with(prepared.loaded.config, images=config.data.images)
    # In the order in which the run would see them, though only those that are drawn are decoded.
    pixels = ParquetImages(dataset, "train", size_px=config.model.image_px, grouped=grouped)
    png = sheet_png(
        replace(prepared.train, pixels=pixels),
        prepared.loaded.tokenizer,
        config,
        step=step,
        readings=readings,
        simulated=dataset.info.simulated,
    )
    write_bytes(out, png)
    return out


def _with(config: TrainConfig, **data: str) -> TrainConfig:
    return msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, **data))
