"""How fast does a dataset build, in how much memory, and how long does it take again?

Readings at 120 Hz are synthetic: a few simulated sessions are joined to such readings, and
each further reading is one of them under another name, its gaze moved a little. Each build is a
program of its own; peak memory is the largest resident set that the system saw of the main
process, and of any of its workers. The dataset and its parts are made anew each time.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from benchmarks.build_study import StudyCopies
from benchmarks.section import write_section
from gazekit.console import emit, say
from gazekit.model.layout import DatasetLayout

STEP_S = 0.1
CREWS = (1, 2)
FULL = (50, 500, 5_000)
MOST_ALONE = 500
"""With one worker, more readings than these would only take longer."""
READING_MB = 2.0
"""What a reading of 60 s takes on the disk: its session, its units, its share of the dataset."""
KB = 1024
MB = 1e6
US = 1_000_000


class BuildFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One build: its readings and workers, seconds, CPU seconds of all processes, peak memory."""

    readings: int
    workers: int
    seconds: float
    cpu_s: float
    main_mb: float
    worker_mb: float | None
    again_s: float
    again_cpu_s: float
    dataset_mb: float

    @property
    def row(self) -> str:
        """It as a row of the table."""
        worker = "" if self.worker_mb is None else f"{self.worker_mb:.0f}"
        return (
            f"| {self.readings:,} | {self.workers} | {self.seconds:.1f} | "
            f"{self.readings / self.seconds:.1f} | {1000 * self.cpu_s / self.readings:.0f} | "
            f"{self.main_mb:.0f} | {worker} | {self.again_s:.1f} | {self.again_cpu_s:.1f} | "
            f"{self.dataset_mb:.1f} |"
        )


@click.command()
@click.option("--readings", "sizes", type=int, multiple=True, default=(50, 500))
@click.option("--workers", "crews", type=int, multiple=True, default=CREWS)
@click.option("--seconds", type=int, default=60, show_default=True, help="Length of a reading.")
@click.option("--full", is_flag=True, help="50, 500 and 5,000 readings; the last by two workers.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to work; kept.")
@click.option("--write", is_flag=True, help="Write the table into README.md.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON line.")
def main(
    sizes: tuple[int, ...],
    crews: tuple[int, ...],
    *,
    seconds: int,
    full: bool,
    folder: Path | None,
    write: bool,
    as_json: bool,
) -> None:
    """Build datasets of so many synthetic readings, with so many workers each.

    It works in a passing folder, which TMPDIR can move, and removes it.
    """
    with tempfile.TemporaryDirectory() as passing:
        root = folder or Path(passing)
        root.mkdir(parents=True, exist_ok=True)
        chosen = FULL if full else sizes
        _check_space(root, max(chosen) * seconds)
        say("simulating the readings that the others copy")
        copies = StudyCopies(root, seconds * US)
        figures = []
        for count in chosen:
            since = time.perf_counter()
            sessions = copies.make(count, say)
            say(f"{count} readings made in {time.perf_counter() - since:.0f} s")
            for workers in crews:
                if full and workers == 1 and count > MOST_ALONE:
                    continue
                say(f"building {count} readings with {workers} workers")
                found = measure(sessions, root / "dataset", count, workers)
                say(found.row)
                figures.append(found)
            if folder is None:
                shutil.rmtree(sessions)
    text = table(figures, seconds)
    emit(figures if as_json else text, as_json=as_json)
    if write:
        words = (
            "--full"
            if full
            else " ".join(
                [f"--readings {size}" for size in sizes] + [f"--workers {crew}" for crew in crews]
            )
        )
        write_section("build", section_of(figures, text, words, seconds))


def section_of(figures: list[BuildFigures], text: str, words: str, seconds: int) -> str:
    """Return the section of the README: what was measured, the table, and how memory grows."""
    by_size = {one.readings: one for one in figures if one.workers == max(CREWS)}
    lines = ["## Building a dataset", "", text, ""]
    lines += ["One worker is `--executor serial`. Peak memory is the largest resident set of a"]
    lines += ["process. `again`: the same build once more, nothing changed."]
    least, most = by_size.get(500), by_size.get(5_000)
    if least and most:
        main = 100 * (most.main_mb / least.main_mb - 1)
        lines += [f"From 500 to 5,000 readings the main process grows by {main:.0f} %."]
    lines += ["", "```", f"python -m benchmarks.build {words} --seconds {seconds}", "```"]
    return "\n".join(lines)


def _check_space(root: Path, seconds: int) -> None:
    """Refuse a folder whose disk cannot hold readings of so many seconds in all."""
    needed = READING_MB * seconds / 60
    free = shutil.disk_usage(root).free / MB
    if free < needed:
        raise click.ClickException(
            f"{root}: about {needed:,.0f} MB are needed, {free:,.0f} are free; name another "
            "folder in TMPDIR"
        )


def measure(sessions: Path, out: Path, readings: int, workers: int) -> BuildFigures:
    """Build a dataset twice."""
    layout = DatasetLayout(out)
    for path in (layout.root, layout.units):
        shutil.rmtree(path, ignore_errors=True)
    first = _run(sessions, out, workers)
    again = _run(sessions, out, workers)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    for path in (layout.root, layout.units):
        shutil.rmtree(path)
    return BuildFigures(
        readings=readings,
        workers=workers,
        seconds=first[0],
        cpu_s=first[1],
        main_mb=first[2],
        worker_mb=first[3],
        again_s=again[0],
        again_cpu_s=again[1],
        dataset_mb=size / MB,
    )


def _run(sessions: Path, out: Path, workers: int) -> tuple[float, float, float, float | None]:
    """Return seconds, CPU seconds, and peak memory of the main process and of any worker."""
    words = ["build", str(sessions), "--out", str(out), "--workers", str(workers)]
    code = "from gazekit.commands import main; main()"
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    since = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
    peaks: dict[int, float] = {}
    while process.poll() is None:
        for pid in _family(process.pid):
            peaks[pid] = max(peaks.get(pid, 0.0), _peak_mb(pid))
        time.sleep(STEP_S)
    took = time.perf_counter() - since
    if process.returncode not in {0, 3}:
        raise click.ClickException(f"the build ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    main_mb = peaks.pop(process.pid)
    return took, cpu_s, main_mb, max(peaks.values(), default=None)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return
    for child in text.split():
        yield from _family(int(child))


def _peak_mb(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found[1]) * KB / MB if found else 0.0


def table(figures: list[BuildFigures], seconds: int) -> str:
    """Return the table as it stands in the README."""
    head = (
        "| readings | workers | s | readings/s | CPU ms a reading | peak MB, main | "
        "peak MB, a worker | again, s | again, CPU s | dataset, MB |"
    )
    lines = [f"{os.cpu_count()} cores, synthetic readings of {seconds} s at 120 Hz.", "", head]
    lines += ["|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    return "\n".join([*lines, *(one.row for one in figures)])


if __name__ == "__main__":
    main()
