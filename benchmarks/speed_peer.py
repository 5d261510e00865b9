"""How long does pymovements take from a CSV file to saved fixations? Run where it is installed.

``python speed_peer.py GAZE.csv RUNS CORES`` prints one JSON line; only pymovements is needed.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    """Time the package on one file, so many times; in seconds by the clock and of the processor."""
    path, runs, cores = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])  # polars counts these
    import pymovements as pm  # type: ignore[import-not-found]

    seconds, cpu_seconds = [], []
    warnings.simplefilter("ignore")  # its own deprecations are no finding of ours
    for _ in range(runs):
        began, cpu = time.perf_counter(), time.process_time()
        count = _fixations(pm, path)
        seconds.append(time.perf_counter() - began)
        cpu_seconds.append(time.process_time() - cpu)
    found = {"version": pm.__version__, "fixations": count, "seconds": seconds}
    found["cpu_seconds"] = cpu_seconds
    print(json.dumps(found))


def _fixations(pm: Any, path: Path) -> int:  # noqa: ANN401 - the package has no types
    experiment = pm.Experiment(
        screen_width_px=1920,
        screen_height_px=1080,
        screen_width_cm=53.1,
        screen_height_cm=29.9,
        distance_cm=65.0,
        origin="upper left",
        sampling_rate=1200,
    )
    gaze = pm.gaze.from_csv(
        path,
        experiment,
        time_column="time_ms",
        time_unit="ms",
        pixel_columns=["left_x_px", "left_y_px", "right_x_px", "right_y_px"],
    )
    gaze.pix2deg()
    gaze.pos2vel("fivepoint")
    gaze.detect("ivt")
    gaze.events.frame.write_ipc(path.with_suffix(".events.arrow"))
    return len(gaze.events.frame)


if __name__ == "__main__":
    main()
