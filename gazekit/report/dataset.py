"""What does a built dataset hold, how good is it, what was left out: one HTML page."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from markupsafe import Markup

from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.files import sha256_file, write_bytes
from gazekit.report.page import (
    LegendItem,
    Page,
    Section,
    Tile,
    facts,
    legend,
    note,
    number,
    section,
    tiles,
)
from gazekit.report.quality import limits_of, outside, quality_table
from gazekit.report.reading import READING_LEGEND, ReadingView, reading_card
from gazekit.report.rows import Row, by_key, rows_where, sample_evenly
from gazekit.report.table import Column, table

__all__ = ["DEFAULT_READINGS", "reading_views", "write_dataset_report"]

DEFAULT_READINGS = 24
"""Readings shown with pictures: the page stays under about 5 MB."""

_MOST_ROWS = 10_000
"""Rows of a table that the page holds: about a megabyte of it."""

_AT_ONCE = 12
_TABLES = ("readings", "keyframes", "sentences", "fixations", "images")
_WORDS = {"keyframes": "key frames"}
_QUALITY = (
    *("reading_id", "reader_id", "patient_id", "split", "rate_hz", "data_loss", "largest_gap_us"),
    *("rms_s2s_deg", "accuracy_deg", "n_fixations", "n_sentences", "n_keyframes", "duration_us"),
)


def write_dataset_report(
    root: str | Path, out: str | Path | None = None, *, readings: int = DEFAULT_READINGS
) -> Path:
    """Write the report of a dataset as one self-contained HTML page.

    Parameters
    ----------
    root
        The dataset's folder.
    out
        The page; None: ``report.html`` in the dataset, whose checksum is renewed.
    readings
        How many readings to show with pictures; taken at even steps where there are more.

    Returns
    -------
    Path
        The page.
    """
    dataset = open_dataset(root)
    facts_of = dataset.table("readings", columns=_QUALITY).to_pylist()
    page = Page(
        kind="Dataset report",
        title=dataset.info.name,
        lead=_lead(dataset, facts_of),
        simulated="the gaze in this dataset was simulated" if dataset.info.simulated else None,
        sections=(
            _counts(dataset, facts_of),
            _quality(dataset, facts_of),
            _readings(dataset, facts_of, readings),
            _exclusions(dataset),
            _provenance(dataset),
        ),
    )
    target = Path(out) if out is not None else dataset.layout.report
    page.write(target)
    if target == dataset.layout.report:
        _renew_checksum(dataset)
    return target


def reading_views(dataset: Dataset, names: list[str]) -> list[ReadingView]:
    """Gather the rows of some readings, in the order of `names`.

    A reading of several images has a view for each that was looked at, the first one first.
    """
    tables = ("readings", "fixations", "sentences", "keyframes")
    rows = {
        t: by_key(rows_where(dataset, t, key="reading_id", values=names), "reading_id")
        for t in tables
    }
    images = {
        str(r["image_id"])
        for table in ("readings", "fixations")
        for found in rows[table].values()
        for r in found
    }
    stored = by_key(rows_where(dataset, "images", key="image_id", values=images), "image_id")
    views = []
    for name in names:
        reading = rows["readings"][name][0]
        looked_at = [str(r["image_id"]) for r in rows["fixations"].get(name, ())]
        for image_id in dict.fromkeys([str(reading["image_id"]), *looked_at]):
            mine = {t: _on(rows[t].get(name, ()), image_id) for t in tables}
            views.append(
                ReadingView(
                    reading=_of_image(reading, image_id),
                    image=next(iter(stored.get(image_id, ())), None),
                    fixations=mine["fixations"],
                    sentences=mine["sentences"],
                    keyframes=mine["keyframes"],
                    further=image_id != reading["image_id"],
                )
            )
    return views


def _on(rows: Sequence[Row], image_id: str) -> list[Row]:
    return [row for row in rows if row["image_id"] == image_id]


def _of_image(reading: Row, image_id: str) -> Row:
    """Return the row of a reading for one of its images, with the findings on it."""
    findings, places = reading["findings"] or [], reading.get("finding_image_id")
    places = places or [reading["image_id"]] * len(findings)
    own = [found for found, place in zip(findings, places, strict=True) if place == image_id]
    return {**reading, "image_id": image_id, "findings": own}


def _lead(dataset: Dataset, readings: list[Row]) -> str:
    seconds = sum(_numbers(readings, "duration_us")) / 1e6
    readers = len({row["reader_id"] for row in readings})
    return (
        f"{_many(dataset.count('readings'), 'reading')} by {_many(readers, 'reader')}, "
        f"{number(seconds / 60, 1)} minutes of gaze, "
        f"{_many(dataset.count('keyframes'), 'key frame')}."
    )


def _many(count: int, thing: str) -> str:
    return f"{number(count)} {thing}" if count == 1 else f"{number(count)} {thing}s"


def _counts(dataset: Dataset, readings: list[Row]) -> Section:
    patients = {r["patient_id"] for r in readings if r["patient_id"] is not None}
    headline = [
        Tile(number(dataset.count("readings")), "readings"),
        Tile(number(len({r["reader_id"] for r in readings})), "readers"),
        Tile(number(len(patients)), "patients"),
        Tile(number(dataset.count("images")), "images"),
        Tile(number(dataset.count("keyframes")), "key frames"),
        Tile(number(dataset.count("fixations")), "fixations"),
        Tile(
            number(dataset.info.exclusions),
            "exclusions",
            "each with its reason" if dataset.info.exclusions else "nothing left out",
            "warn" if dataset.info.exclusions else None,
        ),
    ]
    columns = [
        Column("Split"),
        *(Column(_WORDS.get(t, t).capitalize(), numeric=True) for t in _TABLES),
    ]
    rows: list[list[str | int]] = [
        [split, *(dataset.count(t, split) for t in _TABLES)] for split in dataset.splits
    ]
    splits = table(columns, rows, caption="Rows by split; a patient is in one split only.")
    return section("Result", tiles(headline), splits, key="result")


def _quality(dataset: Dataset, readings: list[Row]) -> Section:
    limits = limits_of(dataset.info.config)
    beyond = [bool(outside(r, limits)) for r in readings]
    first = [r for r, bad in zip(readings, beyond, strict=True) if bad]
    shown = (first + [r for r, bad in zip(readings, beyond, strict=True) if not bad])[:_MOST_ROWS]
    good = len(readings) - len(first)
    medians = [
        Tile(
            f"{good:,} of {len(readings):,}",
            "readings within limits",
            tone="good" if not first else "warn",
        ),
        _median(readings, "rate_hz", label="median rate", unit=" Hz", digits=0),
        _median(readings, "data_loss", label="median data loss", unit=" %", digits=1, scale=100),
        _median(readings, "rms_s2s_deg", label="median RMS-S2S", unit="°", digits=3),
        _median(readings, "accuracy_deg", label="median accuracy", unit="°", digits=2),
    ]
    blocks = [
        tiles(medians),
        quality_table(shown, limits, whole="the readings table of the dataset"),
    ]
    if len(shown) < len(readings):
        blocks.append(
            note(
                f"The page holds {len(shown):,} of {len(readings):,} readings, those outside the "
                "limits before others; the readings table of the dataset has all."
            )
        )
    return section("Quality", *blocks)


def _readings(dataset: Dataset, readings: list[Row], most: int) -> Section:
    names = [str(r["reading_id"]) for r in readings]
    chosen = sample_evenly(names, most)
    limits = limits_of(dataset.info.config)
    steps = dataset.info.steps
    cards: list[Markup] = [legend([*READING_LEGEND, *_step_legend(steps)])]
    for start in range(0, len(chosen), _AT_ONCE):
        for view in reading_views(dataset, chosen[start : start + _AT_ONCE]):
            beyond = outside(view.reading, limits)
            cards.append(reading_card(view, steps, tone="bad" if beyond else None))
    intro = f"All {len(names):,} readings."
    if len(chosen) < len(names):
        intro = (
            f"{len(chosen):,} of {len(names):,} readings, taken at even steps; "
            f"{len(names) - len(chosen):,} are not pictured. Show more with: "
            "gazekit report DATASET --readings N, or one with: gazekit show DATASET --reading ID "
            "--plot OUT.png"
        )
    return section("Readings", *cards, intro=intro)


def _step_legend(steps: dict[str, str]) -> list[LegendItem]:
    return [
        LegendItem(f"step-{i % 6}", f"{code} {name}")
        for i, (code, name) in enumerate(steps.items())
    ]


def _exclusions(dataset: Dataset) -> Section:
    path = dataset.layout.exclusions
    rows = pq.read_table(path).to_pylist() if path.is_file() else []
    if not rows:
        return section("Exclusions", note("Nothing was left out.", tone="good"))
    reasons = Counter((r["unit"], r["reason"]) for r in rows)
    totals = table(
        ["What", "Reason", Column("Count", numeric=True)],
        [[unit, reason, count] for (unit, reason), count in reasons.most_common()],
        caption=f"{len(rows):,} exclusions by reason.",
    )
    listed = table(
        ["What", "Which", "Reason", "Detail"],
        [[r["unit"], r["unit_id"], r["reason"], r["detail"]] for r in rows[:_MOST_ROWS]],
        caption=f"{_held(len(rows))} with its reason and what would bring it back.",
        whole="meta/exclusions.parquet of the dataset",
    )
    return section("Exclusions", totals, listed, intro="Nothing is dropped silently.")


def _held(rows: int) -> str:
    return f"The first {_MOST_ROWS:,}, each" if rows > _MOST_ROWS else "Each"


def _provenance(dataset: Dataset) -> Section:
    info = dataset.info
    pairs: list[tuple[str, object]] = [
        ("Made at", info.created_at),
        ("Schema version", info.schema_version),
        ("Fingerprint", info.fingerprint[:16]),
        *((f"Made with {name}", version) for name, version in info.software.items()),
    ]
    return section(
        "Provenance", facts(pairs), intro="The resolved configuration is in meta/info.json."
    )


def _median(
    readings: list[Row],
    name: str,
    *,
    label: str,
    unit: str,
    digits: int,
    scale: float = 1.0,
) -> Tile:
    values = np.array(_numbers(readings, name), np.float64)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return Tile(number(None), label, "not known")
    low, middle, high = np.quantile(values * scale, [0.05, 0.5, 0.95])
    aside = f"{number(low, digits)} to {number(high, digits)} for nine in ten"
    return Tile(number(middle, digits, unit=unit), label, aside)


def _numbers(rows: list[Row], name: str) -> list[float]:
    return [float(v) for v in (row[name] for row in rows) if isinstance(v, int | float)]


def _renew_checksum(dataset: Dataset) -> None:
    """Give the rewritten page its line in SHA256SUMS; the other lines stay as they are."""
    sums, page = dataset.layout.checksums, dataset.layout.report
    if not sums.is_file():
        return
    name = page.relative_to(dataset.root).as_posix()
    lines = [
        line for line in sums.read_text("utf-8").splitlines() if not line.endswith(f"  {name}")
    ]
    lines.append(f"{sha256_file(page)}  {name}")
    lines.sort(key=lambda line: line.partition("  ")[2])
    write_bytes(sums, "".join(f"{line}\n" for line in lines).encode())
