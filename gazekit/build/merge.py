"""How do two datasets become one? Rows of both, where nobody stands twice or in two splits."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.build.compare import KEYS, config_differences
from gazekit.build.facts import state_facts
from gazekit.build.pack import take_name
from gazekit.build.shards import write_shards
from gazekit.model.dataset import Dataset, DatasetInfo, open_dataset
from gazekit.model.errors import DataError, GazekitError, ProblemsError, UsageError
from gazekit.model.files import sha256_bytes, write_checksums
from gazekit.model.layout import DatasetLayout
from gazekit.model.version import SCHEMA_VERSION

__all__ = ["merge"]

_MUST_BE_ONE = ("render.heatmap_grid", "images.embed", "samples", "audio")
"""Settings that decide which columns or tables there are."""

_MOST_LINES = 20


def merge(
    a: str | Path, b: str | Path, out: str | Path, *, allow_config: bool = False
) -> DatasetInfo:
    """Write the rows of two datasets as one, in the order of their keys within each split.

    Parameters
    ----------
    a, b
        Datasets of one major schema. An image that both hold, the same in all columns, stands once.
    out
        A new folder.
    allow_config
        Whether settings of the builds may differ; those of A stand in the facts.

    Raises
    ------
    UsageError
        There is something at `out`.
    ProblemsError
        Settings differ, an id stands in both, or a patient or an image stands in two splits.
    """
    pair = (open_dataset(a), open_dataset(b))
    layout = DatasetLayout(Path(out).absolute())
    if layout.root.exists():
        raise UsageError("there is something already", where=layout.root.name, expected="a new one")
    if not layout.root.parent.is_dir():
        raise UsageError("no such folder", where=layout.root.parent.name, remedy="check --out")
    problems = [*_config_problems(pair, allow=allow_config), *_clashes(pair), *_leaks(pair)]
    if problems:
        raise ProblemsError(problems[:_MOST_LINES])
    growing = DatasetLayout(layout.building)
    shutil.rmtree(growing.root, ignore_errors=True)
    growing.meta.mkdir(parents=True)
    merged = _Merged(pair, growing)
    info = merged.write(name=layout.root.name)
    take_name(layout)
    return info


def _config_problems(pair: tuple[Dataset, Dataset], *, allow: bool) -> Iterator[GazekitError]:
    for key, (here, there) in config_differences(*(one.info.config for one in pair)).items():
        if key in _MUST_BE_ONE:
            yield DataError(
                "the setting decides which columns there are", where=key, expected=here, found=there
            )
        elif not allow:
            yield DataError(
                "the datasets were built with other settings",
                where=key,
                expected=here,
                found=there,
                remedy="build both alike, or allow it with: --allow-config",
            )


def _clashes(pair: tuple[Dataset, Dataset]) -> Iterator[GazekitError]:
    """Look for readings of one id; images may be the same, and must be then."""
    ids = [set(one.table("readings", columns=["reading_id"])[0].to_pylist()) for one in pair]
    for name in sorted(ids[0] & ids[1]):
        yield DataError("both datasets have the reading", where=name, remedy="build them as one")
    first, second = (_images(one) for one in pair)
    for name in sorted(first.keys() & second):
        if first[name] != second[name]:
            yield DataError("the image is another one in each dataset", where=name)


def _images(dataset: Dataset) -> dict[str, tuple[str | None, ...]]:
    names = ["image_id", "sha256", "patient_id", "study_id"]
    rows = dataset.table("images", columns=names).to_pylist()
    return {row["image_id"]: tuple(row[name] for name in names) for row in rows}


def _leaks(pair: tuple[Dataset, Dataset]) -> Iterator[GazekitError]:
    """Look for a patient or an image in two splits of the whole."""
    for column in ("patient_id", "image_id", "sha256"):
        home: dict[str, str] = {}
        torn: set[str] = set()
        for dataset in pair:
            for row in dataset.table("images", columns=[column, "split"]).to_pylist():
                name, split = row[column], row["split"]
                if name is not None and home.setdefault(name, split) != split:
                    torn.add(name)
        what = "a patient" if column == "patient_id" else "an image"
        for name in sorted(torn):
            yield DataError(
                f"{what} would stand in two splits",
                where=f"images.{column}",
                found=name,
                remedy="build both with the same splits.key and shares",
            )


@dataclass(frozen=True)
class _Merged:
    """The dataset of two, as it grows."""

    pair: tuple[Dataset, Dataset]
    growing: DatasetLayout

    def write(self, *, name: str) -> DatasetInfo:
        first, second = self.pair
        counts: dict[str, dict[str, int]] = {table: {} for table in first.tables}
        for split in dict.fromkeys((*first.splits, *second.splits)):
            for table in first.tables:
                counts[table][split] = write_shards(
                    self.growing,
                    table,
                    split,
                    parts=self._parts(table, split),
                    heatmap_grid=first.info.heatmap_grid,
                )
        reasons = self._meta()
        info = msgspec.structs.replace(
            first.info,
            name=name,
            schema_version=SCHEMA_VERSION,
            counts=counts,
            exclusions=len(reasons),
            simulated=first.info.simulated or second.info.simulated,
            fingerprint=sha256_bytes(
                "\n".join(["merged", *sorted(one.info.fingerprint for one in self.pair)]).encode()
            ),
            steps={**second.info.steps, **first.info.steps},
        )
        state_facts(self.growing, info, reasons=reasons)
        self._finish()
        return info

    def _parts(self, table: str, split: str) -> Iterator[pa.Table]:
        """Yield the rows of one after those of the other; an image of both only once."""
        seen: set[str] = set()
        for dataset in self.pair:
            if split not in dataset.splits:
                continue
            for batch in dataset.batches(table, split):
                part = pa.Table.from_batches([batch]).cast(dataset.schema(table))
                if table == "images":
                    (key,) = KEYS[table]
                    names = part.column(key).to_pylist()
                    part = part.filter(pa.array([name not in seen for name in names], pa.bool_()))
                    seen.update(names)
                yield part

    def _meta(self) -> list[str]:
        """Write manifest and exclusions; return the reasons of the latter."""
        manifest = [pq.read_table(one.layout.manifest) for one in self.pair]
        rows = pa.concat_tables(manifest, promote_options="default").sort_by("reading_id")
        pq.write_table(rows, self.growing.manifest, compression="zstd")
        excluded = [pq.read_table(one.layout.exclusions) for one in self.pair]
        left_out = pa.concat_tables(excluded, promote_options="default")
        pq.write_table(left_out, self.growing.exclusions, compression="zstd")
        return [str(reason) for reason in left_out.column("reason").to_pylist()]

    def _finish(self) -> None:
        from gazekit.report import write_dataset_report

        write_dataset_report(self.growing.root, self.growing.report)
        acts = [one.layout.audit for one in self.pair if one.layout.audit.is_file()]
        if acts:
            # Each log is a chain of its own; the second is kept whole beside the first.
            for number, path in enumerate(acts):
                target = self.growing.audit if number == 0 else self.growing.other_audit
                shutil.copyfile(path, target)
        write_checksums(self.growing.root)
