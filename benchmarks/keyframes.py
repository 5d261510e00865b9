"""What do the paper's key frames cost, ours beside the algorithm as it is described?

``python -m benchmarks.keyframes`` makes the frames of one synthetic reading (60 s at 1000 Hz on an
image of 2500 x 3000 pixels, 8 sentences) and, in the same run, those of a smaller reading with
both: the described algorithm would take many minutes on the large one. Nothing is extrapolated.
"""

import json
import os
import resource
import statistics
import sys
import time

import click
import numpy as np

from benchmarks.gazex_original import original_frames
from benchmarks.gazex_reading import synthetic_reading
from benchmarks.section import write_section
from gazekit.align.gazex import ImageSamples, gazex_frames
from gazekit.align.sentences import Sentence

_LARGE = (2500, 3000)
_SMALL = (400, 480)
_SMALL_RATE_HZ = 100.0

Reading = tuple[ImageSamples, list[Sentence]]


def our_seconds(reading: Reading, image_size: tuple[int, int], repeats: int) -> tuple[float, int]:
    """Return the median CPU time of all frames of a reading, and their number."""
    taken, count = [], 0
    for _ in range(repeats):
        started = time.process_time()
        count = sum(1 for _ in gazex_frames(*reading, image_size=image_size))
        taken.append(time.process_time() - started)
    return statistics.median(taken), count


def measure(repeats: int) -> dict[str, object]:
    """Measure ours on the large reading, then both on the small one."""
    large = synthetic_reading(1, image_size=_LARGE)
    cpu_s, frames = our_seconds(large, _LARGE, repeats)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    small = synthetic_reading(1, image_size=_SMALL, rate_hz=_SMALL_RATE_HZ, px_per_deg=24.0)
    small_s, _ = our_seconds(small, _SMALL, repeats)
    started = time.process_time()
    theirs = list(original_frames(*small, image_size=_SMALL))
    original_s = time.process_time() - started
    ours = list(gazex_frames(*small, image_size=_SMALL))
    same = [f.holistic for f in ours] == [f.holistic for f in theirs]
    apart = [float(np.abs(f.heatmap - g.heatmap).max()) for f, g in zip(ours, theirs, strict=False)]
    return {
        "cpu_s": round(cpu_s, 3),
        "peak_mb": round(peak_mb, 1),
        "ratio": round(original_s / small_s, 1),
        "frames": frames,
        "small_cpu_s": round(small_s, 3),
        "small_original_cpu_s": round(original_s, 2),
        "small_frames": len(theirs),
        "small_same_frames": same,
        "small_map_difference": max(apart),
    }


def section(found: dict[str, object]) -> str:
    """Say the figures as the section of the README."""
    same = "the same frames" if found["small_same_frames"] else "OTHER frames"
    return f"""## Key frames of the GazeX paper

Synthetic readings of 60 s with 8 sentences; CPU seconds on cores shared with other work, and the
peak memory of the whole process. `original` is the algorithm as its description reads, written
anew: a Gaussian a sample, DBSCAN over every warm pixel. It runs on the small reading only, where
the two make {same} (largest difference of maps {found["small_map_difference"]:.0e}).
Made by `python -m benchmarks.keyframes`.

| reading | frames | ours | original | original / ours |
|---|---|---|---|---|
| 1000 Hz, 2500 x 3000 | {found["frames"]} | {found["cpu_s"]} s, {found["peak_mb"]} MB | - | - |
| 100 Hz, 400 x 480 | {found["small_frames"]} | {found["small_cpu_s"]} s \
| {found["small_original_cpu_s"]} s | {found["ratio"]} |"""


@click.command()
@click.option("--repeats", default=3, help="Runs of ours; the median counts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line; write no section.")
def main(repeats: int, *, as_json: bool) -> None:
    """Measure the key frames of one reading."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # threads that wait count as CPU time
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - this very program
    found = measure(repeats)
    if as_json:
        print(json.dumps(found))
    else:
        write_section("keyframes", section(found))
        print(section(found))


if __name__ == "__main__":
    main()
