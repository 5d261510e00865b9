"""``trainer cache``: decode a dataset's images once, at training size."""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command(name="cache")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--config", default="nano", show_default=True, help="Whose model.image_px.")
@click.option("--size", type=click.IntRange(8), help="Side in pixels, instead of a configuration.")
@click.option("--split", "splits", multiple=True, help="Only this split; repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default DATASET.cache.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    dataset: Path,
    *,
    config: str,
    size: int | None,
    splits: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Decode the images of DATASET to grey squares that fit finds by the picture's hash.

    Without --out they lie beside the dataset, where `trainer fit` looks of itself; with it, give
    fit the folder as data.cache. Datasets may share a folder, and only new images are decoded.
    """
    from gazekit.model.dataset import open_dataset
    from trainer.config import load_config
    from trainer.imagecache import fill_cache

    size_px = load_config(config).model.image_px if size is None else size
    result = fill_cache(open_dataset(dataset), splits=splits, size_px=size_px, cache=out)
    text = (
        f"{result.folder}: {result.images} images of {result.size_px} px, "
        f"{result.bytes / 1e6:.1f} MB, {result.decoded} newly decoded"
    )
    emit(result if as_json else text, as_json=as_json)
