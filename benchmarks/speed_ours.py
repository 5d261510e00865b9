"""How long does gazekit take from a CSV file to saved events and quality, in this process?

``python speed_ours.py GAZE.csv RUNS CORES`` prints one JSON line, as ``speed_peer.py`` does.
"""

import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path


def main() -> None:
    """Time the package on one file, so many times; in seconds by the clock and of the processor."""
    path, runs, cores = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    from gazekit.clean.record import detect_recording
    from gazekit.model.records import ScreenRecord
    from gazekit.read.samples_file import open_samples

    screen = ScreenRecord(
        width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
    )
    seconds, cpu_seconds = [], []
    for _ in range(runs):
        began, cpu = time.perf_counter(), time.process_time()
        done = detect_recording(open_samples(path, screen=screen), path.with_suffix(".parquet"))
        seconds.append(time.perf_counter() - began)
        cpu_seconds.append(time.process_time() - cpu)
    found = {"version": version("gazekit"), "fixations": done.counts["fixation"]}
    print(json.dumps({**found, "seconds": seconds, "cpu_seconds": cpu_seconds}))


if __name__ == "__main__":
    main()
