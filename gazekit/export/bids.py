"""How does a dataset become a BIDS 1.11 eye-tracking dataset? One run for each reading.

::

    DATASET  --> readings, fixations -----------+
    SOURCES  --> samples, views, screen --------+--> sub-<reader>[/ses-<session>]/beh/
                                                     *_physio.tsv.gz        samples of one eye
                                                     *_physioevents.tsv.gz  its fixations
                                                     *_events.tsv           image and views

A dataset holds fixations and no samples, and BIDS has no eye-tracking without samples; so they are
read again from what the dataset was built from, and only the readings in the dataset are written.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc

from gazekit.export.bids_names import RunNames, run_names
from gazekit.export.bids_run import write_run
from gazekit.export.bids_study import write_study_files
from gazekit.model.dataset import Dataset
from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.model.files import fsync_folder
from gazekit.read import ReadingInput, Source

__all__ = ["BidsResult", "export_bids"]


@dataclass(frozen=True)
class BidsResult:
    """How many runs were written, and what was left out, a line each."""

    out: str
    runs: int
    participants: int
    left_out: tuple[str, ...]


def export_bids(dataset: Dataset, out: Path, *, sources: Sequence[Source]) -> BidsResult:
    """Write a BIDS dataset; the folder is whole or absent.

    Raises
    ------
    UsageError
        OUT exists.
    DataError
        Not one reading of the dataset was found in the sources.
    """
    if out.exists():
        raise UsageError(
            "the folder exists already", where=out.name, remedy="choose another, or remove it"
        )
    rows = dataset.table("readings").drop_columns(["findings"]).to_pylist()
    names = run_names(rows)
    wanted = {str(row["reading_id"]): row for row in rows}
    part = out.with_name(f".{out.name}.part-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    try:
        left_out = _write_runs(dataset, part, sources, wanted=wanted, names=names)
        written = [name for key, name in names.items() if key not in left_out]
        if not written:
            raise DataError(
                "no reading of the dataset was found in the sources",
                where=dataset.root.name,
                expected="the sessions or recordings from which it was built",
                remedy="name them with: --source PATH",
            )
        write_study_files(part, dataset.info, participants=sorted({n.subject for n in written}))
        part.replace(out)
        fsync_folder(out.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return BidsResult(
        out=str(out),
        runs=len(written),
        participants=len({name.subject for name in written}),
        left_out=tuple(left_out.values()),
    )


def _write_runs(
    dataset: Dataset,
    root: Path,
    sources: Sequence[Source],
    *,
    wanted: dict[str, dict[str, object]],
    names: dict[str, RunNames],
) -> dict[str, str]:
    """Write every reading that is found; return a line for each that is not."""
    fixations = dataset.table(
        "fixations", columns=["reading_id", "onset_us", "duration_us", "screen_x_px", "screen_y_px"]
    )
    left_out = {key: f"{key}: the sources do not hold it" for key in wanted}
    for reading in _readings(sources, set(wanted)):
        key = reading.reading.reading_id
        if reading.samples.num_rows == 0:
            left_out[key] = f"{key}: the source holds no samples of it, only fixations"
            continue
        try:
            write_run(
                root,
                reading,
                names=names[key],
                fixations=fixations.filter(pc.field("reading_id") == key),
                rate_hz=float(str(wanted[key]["rate_hz"])),
            )
        except GazekitError as error:
            left_out[key] = f"{key}: {error}"
            continue
        left_out.pop(key, None)
    return left_out


def _readings(sources: Sequence[Source], wanted: set[str]) -> Iterator[ReadingInput]:
    for source in sources:
        catalogue = source.catalogue()
        held = [r.reading_id for r in catalogue.readings if r.reading_id in wanted]
        if held:
            yield from source.load(held, catalogue)
