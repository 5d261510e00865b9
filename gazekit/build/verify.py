"""Is a built dataset what it says it is? Checksums, schemas, counts, links, splits, heatmaps."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.align.keyframes import keyframe_heatmap
from gazekit.build.config import RenderConfig
from gazekit.build.splits import HELD_OUT
from gazekit.model.columns import columns_of
from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import DataError, GazekitError
from gazekit.model.files import verify_checksums
from gazekit.model.layout import OPTIONAL_TABLES
from gazekit.model.schemas import COLUMNS_OF_STORED

__all__ = ["verify_dataset"]

_HEATMAP_TOLERANCE = 1
"""Another processor may round one step of 255 differently."""

_MOST_LINES = 5


def verify_dataset(path: str | Path) -> list[GazekitError]:
    """Return everything that is wrong with a dataset; [] when it is sound.

    Raises
    ------
    DataError
        There is no dataset at `path`.
    """
    dataset = open_dataset(path)
    problems = verify_checksums(dataset.root)
    sound = True
    for table in dataset.tables:
        for problem in _table_problems(dataset, table):
            problems.append(problem)
            sound = False
    if sound:
        for check in (_link_problems, _split_problems, _held_out_problems, _heatmap_problems):
            problems += list(check(dataset))[:_MOST_LINES]
        problems += list(_sound_problems(dataset))[:_MOST_LINES]
    return problems


def _table_problems(dataset: Dataset, table: str) -> Iterator[GazekitError]:
    """Compare schema and rows of each split with the facts."""
    for split in dataset.splits:
        rows = 0
        for path in dataset.layout.shards(table, split):
            where = path.relative_to(dataset.root).as_posix()
            try:
                with pq.ParquetFile(path) as file:
                    rows += file.metadata.num_rows
                    if not _fits(file.schema_arrow, dataset, table):
                        yield DataError("the columns do not match the schema", where=where)
            except (pa.ArrowInvalid, OSError) as error:
                yield DataError(f"cannot be read: {str(error).splitlines()[0]}", where=where)
        told = dataset.count(table, split)
        if rows != told:
            yield DataError(
                "the rows differ from meta/info.json",
                where=f"{table}, {split}",
                expected=told,
                found=rows,
            )


def _fits(found: pa.Schema, dataset: Dataset, table: str) -> bool:
    """Say whether columns are those of the schema; an older minor lacks what was added since."""
    version = _numbers(dataset.info.schema_version)
    columns = columns_of(COLUMNS_OF_STORED.get(table, table))
    later = {column.name for column in columns if _numbers(column.since) > version}
    expected = dataset.schema(table)
    fields = [f for f in expected if f.name in found.names or f.name not in later]
    return bool(found.equals(pa.schema(fields)))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _ids(dataset: Dataset, table: str, column: str) -> set[str]:
    found: set[str] = set()
    for batch in dataset.batches(table, columns=[column]):
        found.update(batch.column(column).to_pylist())
    return found


def _link_problems(dataset: Dataset) -> Iterator[GazekitError]:
    """Follow every key from the table that uses it to the one that defines it."""
    extra = [table for table in dataset.tables if table in OPTIONAL_TABLES]
    links: dict[str, tuple[str, tuple[str, ...]]] = {
        "image_id": ("images", ("keyframes", "sentences", "fixations", "readings", *extra)),
        "reading_id": ("readings", ("keyframes", "sentences", "fixations", *extra)),
        "sentence_id": ("sentences", ("keyframes",)),
    }
    for column, (home, users) in links.items():
        known = _ids(dataset, home, column)
        for table in users:
            for name in sorted(_ids(dataset, table, column) - known):
                yield DataError(f"{column} is not in table {home}", where=table, found=name)


def _held_out_problems(dataset: Dataset) -> Iterator[GazekitError]:
    """Look for a reader of the split of held-out readers in another one."""
    home: dict[str, str] = {}
    for split in sorted(dataset.splits, key=lambda name: name != HELD_OUT):
        for batch in dataset.batches("readings", split, columns=["reader_id"]):
            for name in sorted(set(batch.column("reader_id").to_pylist())):
                if home.setdefault(name, split) == HELD_OUT != split:
                    yield DataError("a held-out reader stands in another split", found=name)


def _split_problems(dataset: Dataset) -> Iterator[GazekitError]:
    """Look for a patient or an image in two splits, and for a row in the wrong shard."""
    for column in ("patient_id", "image_id", "sha256"):
        home: dict[str, str] = {}
        for split in dataset.splits:
            for batch in dataset.batches("images", split, columns=[column, "split"]):
                if set(batch.column("split").to_pylist()) - {split}:
                    yield DataError("a row of another split", where=f"images, {split}")
                for name in batch.column(column).to_pylist():
                    if name is not None and home.setdefault(name, split) != split:
                        what = "a patient" if column == "patient_id" else "an image"
                        yield DataError(f"{what} stands in two splits", where=f"images.{column}")


def _sound_problems(dataset: Dataset) -> Iterator[GazekitError]:
    """Decode every stretch of sound and compare it with its hash."""
    if "audio" not in dataset.tables:
        return
    from gazekit.speech import pcm_of

    for batch in dataset.batches("audio", rows=1):
        (row,) = batch.to_pylist()
        where = f"audio, {row['reading_id']}/{row['audio_index']}"
        try:
            pcm, digest = pcm_of(row["sound"]["bytes"])
        except DataError as error:
            yield DataError(error.what, where=where)
            continue
        if digest != row["pcm_sha256"] or pcm.shape != (row["n_frames"], row["channels"]):
            yield DataError("the sound is not what its hash says", where=where)


def _heatmap_problems(dataset: Dataset) -> Iterator[GazekitError]:
    """Render every stored grid again from the fixations beside it."""
    names = ("x_px", "y_px", "duration_us", "sigma_x_px", "sigma_y_px")
    columns = [f"fixation_{name}" for name in names]
    sizes = ["image_width_px", "image_height_px"]
    wanted = ["keyframe_id", "heatmap", *columns, *sizes]
    render = msgspec.convert(dataset.info.config.get("render", {}), RenderConfig)
    grid = dataset.info.heatmap_grid
    if render.heatmap_grid != grid:
        yield DataError("two sizes of grid are named", expected=grid, found=render.heatmap_grid)
        return
    for batch in dataset.batches("keyframes", columns=wanted):
        for row in range(batch.num_rows):
            x, y, duration, sigma_x, sigma_y = (
                batch.column(name)[row].values.to_numpy() for name in columns
            )
            size = (batch.column(sizes[0])[row].as_py(), batch.column(sizes[1])[row].as_py())
            made = keyframe_heatmap(
                x, y, duration, sigma_x, sigma_y, size, sigma_deg=render.sigma_deg, grid=grid
            )
            stored = batch.column("heatmap")[row].values.to_numpy().reshape(grid, grid)
            if np.abs(made.astype(int) - stored.astype(int)).max() > _HEATMAP_TOLERANCE:
                yield DataError(
                    "the heatmap is not that of its fixations",
                    where=batch.column("keyframe_id")[row].as_py(),
                )
