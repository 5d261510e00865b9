"""How fast are gaze processing and heatmaps, against other packages in the same run?

Both sides take turns on the same synthetic recording, in one process each, and the ratio is that
of the medians; seconds depend on the machine, ratios hardly. pymovements is timed from CSV to
saved fixations; ours from CSV to saved events of all kinds, and the quality of both eyes.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from gazekit.clean.record import detect_recording
from gazekit.console import emit, say
from gazekit.model.files import write_bytes
from gazekit.model.heatmap import render_heatmap
from gazekit.model.records import ScreenRecord
from gazekit.read.samples_file import open_samples

README = Path(__file__).with_name("README.md")
SECTION = re.compile(r"<!-- speed -->.*<!-- /speed -->", re.DOTALL)
PEER = Path(__file__).with_name("speed_peer.py")
SCREEN = ScreenRecord(
    width_px=1920, height_px=1080, width_mm=531.0, height_mm=299.0, distance_mm=650.0
)
RATE_HZ = 1200
SHORT_S, LONG_S = 60, 1800
WIDTH, HEIGHT, FIXATIONS, SIGMA_PX = 3000, 2500, 200, 60.0


class SpeedResult(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one run; None where the other package was not there to compare with."""

    cores: int
    ours_s: float
    peer_s: float | None
    peer_version: str | None
    ratio: float | None
    ours_cpu_s: float
    peer_cpu_s: float | None
    long_s: float
    long_cpu_s: float
    long_peak_mb: float
    linearity: float
    heatmap_ms: float
    point_map_ms: float
    heatmap_ratio: float
    heatmap_error: float


@click.command()
@click.option("--peer-python", type=click.Path(path_type=Path), help="Python with pymovements.")
@click.option("--turns", default=5, show_default=True, help="Of each side.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def main(peer_python: Path | None, turns: int, *, as_json: bool) -> None:
    """Time gaze processing against pymovements, and heatmaps against a point map in scipy."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # read once, when numpy is imported
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 - this very program
    with tempfile.TemporaryDirectory() as name:
        result = _measured(Path(name), peer_python or Path(sys.executable), turns)
    emit(result if as_json else "\n".join(_table(result)), as_json=as_json)
    _write(result)


def _measured(work: Path, peer_python: Path, turns: int) -> SpeedResult:
    short, theirs = _recording(work, "short", SHORT_S)
    ours, ours_cpu, peer, peer_cpu, version = [], [], [], [], None
    _detect(short)  # once unmeasured: imports
    for turn in range(turns):
        say(f"turn {turn + 1} of {turns}")
        wall, cpu, _ = _timed(lambda: _detect(short))
        ours.append(wall)
        ours_cpu.append(cpu)
        found = _peer(peer_python, theirs)
        if found is not None:
            version = found.version
            peer.append(min(found.seconds[1:]))
            peer_cpu.append(min(found.cpu_seconds[1:]))
    long, _ = _recording(work, "long", LONG_S)
    say("half an hour")
    long_s, long_cpu, peak_mb = _long(long)
    ours_s, cpu_s = statistics.median(ours), statistics.median(ours_cpu)
    peer_s = statistics.median(peer) if peer else None
    return SpeedResult(
        cores=os.cpu_count() or 1,
        ours_s=ours_s,
        peer_s=peer_s,
        peer_version=version,
        ratio=None if peer_s is None else peer_s / ours_s,
        ours_cpu_s=cpu_s,
        peer_cpu_s=statistics.median(peer_cpu) if peer_cpu else None,
        long_s=long_s,
        long_cpu_s=long_cpu,
        long_peak_mb=peak_mb,
        linearity=long_cpu / cpu_s / (LONG_S / SHORT_S),
        **_heatmaps(turns),
    )


def _recording(work: Path, name: str, seconds: int) -> tuple[Path, Path]:
    """Write gaze that jumps about a screen, both eyes, 2 % lost: our columns, and the peer's."""
    random = np.random.default_rng(0)
    count = seconds * RATE_HZ
    time_us = np.rint(np.arange(count) * 1e6 / RATE_HZ).astype(np.int64)
    step_us, jump_us = 350_000, 45_000
    places = random.uniform([200, 150], [1700, 950], (time_us[-1] // step_us + 2, 2))
    share = np.clip((time_us % step_us) / jump_us, 0, 1)
    share = (share * share * (3 - 2 * share))[:, None]
    index = time_us // step_us
    place = places[index] * (1 - share) + places[index + 1] * share
    lost = np.zeros(count, bool)
    for start in random.integers(0, count, max(1, seconds // 6)):
        lost[start : start + int(0.12 * RATE_HZ)] = True
    gaze: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = {}
    for eye, shift in (("left", -4.0), ("right", 4.0)):
        seen = np.round(place + random.normal([shift, 0], 0.25, place.shape), 2)
        seen[lost] = np.nan
        gaze |= {f"{eye}_x_px": seen[:, 0], f"{eye}_y_px": seen[:, 1]}
    ours, theirs = work / f"{name}.csv", work / f"{name}_ms.csv"
    pcsv.write_csv(pa.table({"time_us": time_us, **gaze}), ours)
    pcsv.write_csv(pa.table({"time_ms": time_us / 1000, **gaze}), theirs)
    return ours, theirs


def _detect(path: Path) -> None:
    detect_recording(open_samples(path, screen=SCREEN), path.with_suffix(".parquet"))


def _timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """Return seconds by the clock and of the processor, and what the work returned."""
    began, cpu = time.perf_counter(), time.process_time()
    done = work()
    return time.perf_counter() - began, time.process_time() - cpu, done


class _Peer(msgspec.Struct, frozen=True):
    """What the other package took; seconds of each of its turns."""

    version: str
    fixations: int
    seconds: list[float]
    cpu_seconds: list[float]


def _peer(python: Path, path: Path) -> _Peer | None:
    """Time pymovements; None where that Python does not have it."""
    done = subprocess.run(  # noqa: S603 - our own program
        [python, PEER, path, "3"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        say(f"no peer: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
        return None
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=_Peer)


def _long(path: Path) -> tuple[float, float, float]:
    """Return seconds, seconds of the processor and peak memory (MB) of the command itself."""
    program = Path(sys.executable).with_name("gazekit")
    screen = "1920x1080px,531x299mm,650mm"
    arguments = ["detect", path, "--out", path.with_suffix(".parquet"), "--screen", screen]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own program
        [program, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        sys.exit("gazekit detect failed")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _heatmaps(turns: int) -> dict[str, float]:
    random = np.random.default_rng(0)
    x, y = random.uniform(0, WIDTH, FIXATIONS), random.uniform(0, HEIGHT, FIXATIONS)
    weight = random.uniform(0.1, 0.6, FIXATIONS)

    def ours() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return render_heatmap(
            x,
            y,
            weight=weight,
            sigma_x_px=SIGMA_PX,
            sigma_y_px=SIGMA_PX,
            image_size=(WIDTH, HEIGHT),
            grid=(HEIGHT, WIDTH),
            normalise="none",
        )

    def point_map() -> object:
        from scipy.ndimage import gaussian_filter

        points = np.zeros((HEIGHT, WIDTH))
        np.add.at(points, (y.astype(int), x.astype(int)), weight)
        return gaussian_filter(points, SIGMA_PX, mode="constant")

    ours()
    mine, scipys = [], []
    for _ in range(turns):
        mine += [_timed(ours)[0] for _ in range(4)]
        scipys.append(_timed(point_map)[0])
    rows = np.arange(0, HEIGHT, 97)
    gx = np.exp(-0.5 * ((np.arange(WIDTH) + 0.5 - x[:, None]) / SIGMA_PX) ** 2)
    gy = np.exp(-0.5 * ((rows + 0.5 - y[:, None]) / SIGMA_PX) ** 2)
    exact = (gy * weight[:, None]).T @ gx
    return {
        "heatmap_ms": statistics.median(mine) * 1000,
        "point_map_ms": statistics.median(scipys) * 1000,
        "heatmap_ratio": statistics.median(scipys) / statistics.median(mine),
        "heatmap_error": float(np.abs(ours()[rows] - exact).max() / exact.max()),
    }


def _table(result: SpeedResult) -> list[str]:
    def seconds(value: float | None) -> str:
        return "" if value is None else f"{value:.3f} s"

    def times(value: float | None) -> str:
        return "not compared" if value is None else f"{value:.1f}"

    cpu = None if result.peer_cpu_s is None else result.peer_cpu_s / result.ours_cpu_s
    rows = (
        ("what", "gazekit", "other", "ratio"),
        ("---",) * 4,
        (
            f"{SHORT_S} s at {RATE_HZ} Hz, both eyes, CSV to saved events (and, ours, quality)",
            seconds(result.ours_s),
            f"pymovements I-VT {seconds(result.peer_s)}",
            times(result.ratio),
        ),
        (
            "the same, processor time",
            seconds(result.ours_cpu_s),
            seconds(result.peer_cpu_s),
            times(cpu),
        ),
        (
            f"{LONG_S // 60} min at {RATE_HZ} Hz, `gazekit detect` with its start",
            f"{result.long_s:.1f} s, {result.long_peak_mb:.0f} MB at most",
            "",
            f"{result.linearity:.2f} times the processor time of as many short ones",
        ),
        (
            f"heatmap, {FIXATIONS} fixations on {WIDTH} x {HEIGHT} px, one thread",
            f"{result.heatmap_ms:.1f} ms, error {result.heatmap_error:.0e}",
            f"scipy on a point map {result.point_map_ms:.0f} ms",
            times(result.heatmap_ratio),
        ),
    )
    return [f"| {' | '.join(row)} |" for row in rows]


def _write(result: SpeedResult) -> None:
    """Replace the section of this benchmark in the README, or add it."""
    version = f"pymovements {result.peer_version}" if result.peer_version else "no peer"
    lines = [
        "<!-- speed -->",
        "## Speed",
        "",
        f"Synthetic recordings; {result.cores} cores; {version}; median of turns taken in one run.",
        "",
        *_table(result),
        "",
        "```",
        "python benchmarks/speed.py --peer-python PYTHON_WITH_PYMOVEMENTS",
        "```",
        "<!-- /speed -->",
    ]
    section = "\n".join(lines)
    text = README.read_text("utf-8") if README.is_file() else "# Benchmarks\n"
    found = SECTION.search(text)
    if found:
        text = text[: found.start()] + section + text[found.end() :]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    write_bytes(README, text.encode())


if __name__ == "__main__":
    main()
