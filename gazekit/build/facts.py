"""What does a dataset say of itself? info.json, stats.json, schema.md, croissant.json, card."""

import datetime as dt
import platform
from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa

from gazekit.build.card import card_text
from gazekit.build.croissant import croissant_of
from gazekit.build.plan import Plan
from gazekit.model.columns import HEATMAP_GRID, Column, columns_of
from gazekit.model.dataset import Dataset, DatasetInfo
from gazekit.model.files import write_bytes, write_json
from gazekit.model.layout import DATASET_TABLES, OPTIONAL_TABLES, DatasetLayout
from gazekit.model.schemas import COLUMNS_OF_STORED
from gazekit.model.version import SCHEMA_VERSION, __version__
from gazekit.read import Exclusion

__all__ = ["schema_text", "software", "state_facts", "write_facts"]


def write_facts(
    growing: DatasetLayout,
    *,
    plan: Plan,
    name: str,
    counts: dict[str, dict[str, int]],
    excluded: Sequence[Exclusion],
    fingerprint: str,
) -> DatasetInfo:
    """Write the facts of a dataset whose tables are there."""
    config: dict[str, object] = msgspec.to_builtins(plan.config)
    info = DatasetInfo(
        name=name,
        schema_version=SCHEMA_VERSION,
        created_at=dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        software=software(),
        config=config,
        counts=counts,
        exclusions=len(excluded),
        simulated=plan.simulated,
        fingerprint=fingerprint,
        steps=plan.steps,
        heatmap_grid=plan.config.render.heatmap_grid,
    )
    state_facts(growing, info, reasons=[found.reason for found in excluded])
    return info


def software() -> dict[str, str]:
    """Return the versions of what a dataset is made with."""
    return {
        "gazekit": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
    }


def state_facts(growing: DatasetLayout, info: DatasetInfo, *, reasons: Sequence[str]) -> None:
    """Write info.json, stats.json, schema.md, card and Croissant of the tables that are there."""
    write_json(growing.info, info)
    stats = _stats(Dataset(growing, info))
    write_json(growing.stats, stats)
    write_bytes(growing.schema, schema_text(info).encode())
    tally: dict[str, int] = {str(r): reasons.count(r) for r in sorted(set(reasons))}
    write_json(growing.croissant, croissant_of(Dataset(growing, info)))
    write_bytes(growing.card, card_text(info, stats, tally).encode())


def schema_text(info: DatasetInfo) -> str:
    """Return every column of every table as Markdown, from the one table of columns."""
    lines = [f"# Columns, schema {SCHEMA_VERSION}", ""]
    tables = [*DATASET_TABLES, *(t for t in OPTIONAL_TABLES if t in info.counts)]
    for table in tables:
        lines += [
            f"## {table}",
            "",
            "| column | type | unit | null | meaning |",
            "|---|---|---|---|---|",
        ]
        for column in _columns(table, info.heatmap_grid):
            null = "yes" if column.nullable else ""
            lines.append(
                f"| {column.name} | {column.type} | {column.unit or ''} | {null} |"
                f" {column.meaning} |"
            )
        lines.append("")
    return "\n".join(lines)


def _columns(table: str, heatmap_grid: int = HEATMAP_GRID) -> tuple[Column, ...]:
    return columns_of(COLUMNS_OF_STORED.get(table, table), heatmap_grid=heatmap_grid)


def _stats(dataset: Dataset) -> dict[str, dict[str, dict[str, float]]]:
    """Return count, mean, standard deviation, least and most of each number, by table."""
    result: dict[str, dict[str, dict[str, float]]] = {}
    for table in dataset.tables:
        names = [c.name for c in _columns(table) if _is_number(c.type)]
        running = {name: _Running() for name in names}
        for batch in dataset.batches(table, columns=names):
            for name in names:
                running[name].add(batch.column(name).drop_null().to_numpy(zero_copy_only=False))
        result[table] = {name: r.summary() for name, r in running.items() if r.count}
    result["labels"] = _shares(dataset, "labels")
    result["steps"] = _shares(dataset, "step")
    return result


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _shares(dataset: Dataset, column: str) -> dict[str, dict[str, float]]:
    """Return how many key frames carry each label or step."""
    counts: dict[str, float] = {}
    for batch in dataset.batches("keyframes", columns=[column]):
        values = batch.column(column)
        flat = values.flatten() if pa.types.is_list(values.type) else values
        for item in flat.drop_null().value_counts().to_pylist():
            counts[item["values"]] = counts.get(item["values"], 0) + item["counts"]
    return {name: {"count": counts[name]} for name in sorted(counts)}


class _Running:
    """Count, mean and spread of numbers that come in pieces; NaN is left out."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.square = 0.0
        self.least, self.most = np.inf, -np.inf

    def add(self, values: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> None:
        numbers = values.astype(np.float64)
        numbers = numbers[np.isfinite(numbers)]
        if numbers.size == 0:
            return
        total = self.count + numbers.size
        shift = float(numbers.mean()) - self.mean
        self.square += float(((numbers - numbers.mean()) ** 2).sum())
        self.square += shift**2 * self.count * numbers.size / total
        self.mean += shift * numbers.size / total
        self.count = total
        self.least = min(self.least, float(numbers.min()))
        self.most = max(self.most, float(numbers.max()))

    def summary(self) -> dict[str, float]:
        return {
            "count": self.count,
            "mean": self.mean,
            "std": float(np.sqrt(self.square / self.count)),
            "min": self.least,
            "max": self.most,
        }
