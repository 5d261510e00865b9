"""How a whole simulated study is made: sessions, images, truth; resumable, in parallel."""

import csv
import io
import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gazekit.model.errors import DataError, UsageError
from gazekit.model.files import atomic_path, write_bytes, write_json
from gazekit.model.layout import SessionLayout, StudyLayout
from gazekit.model.session import read_session_record
from gazekit.model.version import __version__
from gazekit.model.workers import interrupts_held, quiet_worker
from gazekit.synthetic.session import SessionPlan, WritePng, write_session
from gazekit.synthetic.truth import TRUTH_TABLES

__all__ = ["StudyPlan", "StudyRecord", "write_study"]


class StudyPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a study; two equal plans make equal studies."""

    readings: int
    seed: int
    readings_per_session: int = 20
    image_px: tuple[int, int] = (1024, 1280)
    image_format: Literal["dicom", "png"] = "dicom"
    rate_hz: float = 120.0
    readers: int = 4


class StudyRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``study.json``: the plan, and whether everything is there."""

    plan: StudyPlan
    software: str = __version__
    simulated: bool = True
    complete: bool = False
    sessions: int = 0
    findings: int = 0


def write_study(
    out: Path,
    plan: StudyPlan,
    *,
    write_png: WritePng,
    workers: int = 1,
    tick: Callable[[int], None] = lambda _: None,
) -> StudyRecord:
    """Make a study, or what is missing of it.

    Parameters
    ----------
    out
        Its folder. Finished sessions in it are kept, half-written ones are made anew.
    plan
        What to make.
    write_png
        Writes the session's own copy of an image; of module level, so that workers find it.
    workers
        Processes; the result does not depend on them.
    tick
        Called with the number of readings that were finished.

    Raises
    ------
    UsageError
        The folder holds another study or something else, or the plan is impossible.
    """
    layout = StudyLayout(out)
    record = _open(layout, _check_plan(plan))
    if record.complete:
        tick(plan.readings)
        return record
    sessions = list(_sessions(layout, plan))
    todo = [s for s in sessions if not _finished(layout, s)]
    tick(sum(s.count for s in sessions) - sum(s.count for s in todo))
    for count in _run(partial(write_session, write_png=write_png), todo, workers):
        tick(count)
    return _close(layout, record, sessions)


def _check_plan(plan: StudyPlan) -> StudyPlan:
    """Return the plan when it can be made, else raise UsageError."""
    width, height = plan.image_px
    for name, value, low, high in (
        ("--readings", plan.readings, 1, 1_000_000),
        ("--seed", plan.seed, 0, 2**53),
        ("--readings-per-session", plan.readings_per_session, 1, 10_000),
        ("--readers", plan.readers, 1, 9_999),
        ("--rate-hz", plan.rate_hz, 20, 2_000),
        ("--image-px", min(width, height), 32, 8_192),
        ("--image-px", max(width, height), 32, 8_192),
    ):
        if not low <= value <= high:
            raise UsageError("out of range", where=name, expected=f"{low} to {high}", found=value)
    return plan


def _open(layout: StudyLayout, plan: StudyPlan) -> StudyRecord:
    if layout.study.is_file():
        try:
            record = msgspec.json.decode(layout.study.read_bytes(), type=StudyRecord)
        except msgspec.DecodeError as error:
            raise DataError(f"damaged: {error}", where=layout.study.name) from error
        if record.plan != plan:
            raise UsageError(
                "the folder holds another study",
                where=layout.root.name,
                expected=_differences(plan, record.plan),
                found=_differences(record.plan, plan),
                remedy="choose another folder, or the same settings to go on with it",
            )
        return record
    if layout.root.exists() and not layout.root.is_dir():
        raise UsageError(
            "not a folder",
            where=layout.root.name,
            expected="a new folder, an empty one or a study",
            remedy="choose a new folder",
        )
    if layout.root.exists() and any(layout.root.iterdir()):
        raise UsageError(
            "the folder is not empty and holds no study",
            where=layout.root.name,
            remedy="choose a new folder",
        )
    record = StudyRecord(plan=plan)
    write_json(layout.study, record)
    return record


def _differences(plan: StudyPlan, other: StudyPlan) -> str:
    names = [f for f in plan.__struct_fields__ if getattr(plan, f) != getattr(other, f)]
    return " ".join(f"{name}={getattr(plan, name)}" for name in names)


def _sessions(layout: StudyLayout, plan: StudyPlan) -> Iterator[SessionPlan]:
    for number, first in enumerate(range(0, plan.readings, plan.readings_per_session)):
        yield SessionPlan(
            root=layout.root,
            session_id=f"sim{number + 1:05d}",
            reader_id=f"R{number % plan.readers + 1:02d}",
            seed=plan.seed,
            first=first,
            count=min(plan.readings_per_session, plan.readings - first),
            image_px=plan.image_px,
            image_format=plan.image_format,
            rate_hz=plan.rate_hz,
        )


def _finished(layout: StudyLayout, session: SessionPlan) -> bool:
    """Say whether a session is whole; what is half-written is taken away."""
    folder = SessionLayout.under(layout.sessions, session.session_id)
    parts = [layout.truth_part(session.session_id, name) for name in TRUTH_TABLES]
    if folder.checksums.is_file() and all(part.is_file() for part in parts):
        return read_session_record(folder.root).closed
    if folder.root.exists():
        shutil.rmtree(folder.root)
    return False


def _run(
    make: Callable[[SessionPlan], int], todo: list[SessionPlan], workers: int
) -> Iterator[int]:
    if workers <= 1 or len(todo) <= 1:
        yield from map(make, todo)
        return
    context = multiprocessing.get_context("spawn")
    count = min(workers, len(todo))
    with ProcessPoolExecutor(count, mp_context=context, initializer=quiet_worker) as pool:
        try:
            with interrupts_held():
                jobs = [pool.submit(make, session) for session in todo]
            for job in as_completed(jobs):
                yield job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _close(layout: StudyLayout, record: StudyRecord, sessions: list[SessionPlan]) -> StudyRecord:
    """Join the sessions' truth, list the images, and mark the study complete."""
    findings = 0
    for name in TRUTH_TABLES:
        parts = [pq.read_table(layout.truth_part(s.session_id, name)) for s in sessions]
        table = pa.concat_tables(parts)
        with atomic_path(layout.truth_table(name)) as path:
            pq.write_table(table, path, compression="zstd")
        if name == "findings":
            findings = table.num_rows
        if name == "images":
            _list_images(layout, table, record.plan.image_format)
    done = msgspec.structs.replace(record, complete=True, sessions=len(sessions), findings=findings)
    write_json(layout.study, done)
    shutil.rmtree(layout.parts)
    return done


def _list_images(layout: StudyLayout, images: pa.Table, image_format: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "patient", "study"])
    kind = "png" if image_format == "png" else "dcm"
    for row in images.to_pylist():
        name = layout.image(row["image_id"], kind).name
        writer.writerow([name, row["patient_id"], row["study_id"]])
    write_bytes(layout.image_list, text.getvalue().encode())
