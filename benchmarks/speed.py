"""How fast are gaze processing and heatmaps, against other packages in the same run?

Both sides take turns on the same synthetic recording, in one process each, warm: the first run of
each process is not counted, the others all are, as many of either side, and the ratio is that of
the medians. Either side may use threads on all cores (polars does, ours does), or is held to one.
Seconds depend on the machine, ratios hardly. pymovements is timed from CSV to saved fixations;
ours from CSV to saved events of all kinds, and the quality of both eyes. Cold is the whole
program, from its start to its exit.
"""

import os
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

from benchmarks.section import README, write_section
from gazekit.console import emit, say
from gazekit.model.heatmap import render_heatmap

OURS, PEER = (Path(__file__).with_name(f"speed_{side}.py") for side in ("ours", "peer"))
SCREEN = "1920x1080px,531x299mm,650mm"
RATE_HZ = 1200
SHORT_S, LONG_S = 60, 1800
RUNS = 6
WIDTH, HEIGHT, FIXATIONS, SIGMA_PX = 3000, 2500, 200, 60.0


class Pair(msgspec.Struct, frozen=True):
    """Seconds of both sides; None where the other package was not there to compare with."""

    ours: float
    peer: float | None

    @property
    def ratio(self) -> float | None:
        """How many times as fast ours is."""
        return None if self.peer is None else self.peer / self.ours


class SpeedResult(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one run."""

    cores: int
    peer_version: str | None
    wall_s: Pair
    cpu_s: Pair
    one_core_s: Pair
    cold_s: Pair
    long_s: float
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
    long, _ = _recording(work, "long", LONG_S)
    cores = len(os.sched_getaffinity(0))
    found: dict[str, list[Pair]] = {"wall": [], "cpu": [], "one": [], "cold": []}
    version: str | None = None
    for turn in range(turns):
        say(f"turn {turn + 1} of {turns}")
        for allowed in (cores, 1):
            mine = _warm(Path(sys.executable), OURS, short, allowed)
            peer = _warm(peer_python, PEER, theirs, allowed)
            if mine is None:
                sys.exit("gazekit failed")
            version = peer.version if peer else version
            kind = "wall" if allowed == cores else "one"
            found[kind] += _pairs(mine.seconds, peer.seconds if peer else None)
            if allowed == cores:
                found["cpu"] += _pairs(mine.cpu_seconds, peer.cpu_seconds if peer else None)
        cold = _whole([*_command(short)])[0]
        their_cold = _whole([peer_python, PEER, theirs, 1, cores])[0] if version else None
        found["cold"].append(Pair(cold, their_cold))
    say("half an hour")
    beside = [
        _warm(Path(sys.executable), OURS, path, cores, runs=3) for path in (short, long, short)
    ]
    long_s, peak_mb = _whole(_command(long))
    middle = {name: _median(pairs) for name, pairs in found.items()}
    before, whole, after = ([] if side is None else side.cpu_seconds[1:] for side in beside)
    return SpeedResult(
        cores=cores,
        peer_version=version,
        wall_s=middle["wall"],
        cpu_s=middle["cpu"],
        one_core_s=middle["one"],
        cold_s=middle["cold"],
        long_s=long_s,
        long_peak_mb=peak_mb,
        linearity=statistics.median(whole) / statistics.median(before + after) / (LONG_S / SHORT_S),
        **_heatmaps(turns),
    )


def _pairs(ours: list[float], peer: list[float] | None) -> list[Pair]:
    """Return every run but the first of either side."""
    theirs: list[float] | list[None] = [None] * len(ours) if peer is None else peer
    return [Pair(a, b) for a, b in zip(ours[1:], theirs[1:], strict=True)]


def _median(pairs: list[Pair]) -> Pair:
    theirs = [pair.peer for pair in pairs if pair.peer is not None]
    ours = statistics.median(pair.ours for pair in pairs)
    return Pair(ours, statistics.median(theirs) if theirs else None)


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


class _Side(msgspec.Struct, frozen=True):
    """What one process took; seconds of each of its runs."""

    version: str
    fixations: int
    seconds: list[float]
    cpu_seconds: list[float]


def _warm(python: Path, program: Path, path: Path, cores: int, *, runs: int = RUNS) -> _Side | None:
    """Time runs within one process; None where that Python does not have the package."""
    done = subprocess.run(  # noqa: S603 - our own program
        [python, program, path, str(runs), str(cores)],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(README.parents[1])},
    )
    if done.returncode:
        say(f"{program.name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
        return None
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=_Side)


def _command(path: Path) -> list[object]:
    program = Path(sys.executable).with_name("gazekit")
    return [program, "detect", path, "--out", path.with_suffix(".parquet"), "--screen", SCREEN]


def _whole(command: list[object]) -> tuple[float, float]:
    """Return seconds and peak memory (MB) of a program from its start to its exit."""
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own program
        list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        sys.exit(f"{command[0]} failed")
    return seconds, usage.ru_maxrss / 1024


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


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
        mine += [_timed(ours) for _ in range(4)]
        scipys.append(_timed(point_map))
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
    def row(what: str, pair: Pair, peer: str = "") -> tuple[str, ...]:
        other = "not compared" if pair.peer is None else f"{peer}{pair.peer:.3f} s"
        ratio = "" if pair.ratio is None else f"{pair.ratio:.1f}"
        return what, f"{pair.ours:.3f} s", other, ratio

    whole = f"{SHORT_S} s at {RATE_HZ} Hz, both eyes, CSV to saved events (and, ours, quality)"
    rows = (
        ("what", "gazekit", "other", "ratio"),
        ("---",) * 4,
        row(f"{whole}, {result.cores} cores", result.wall_s, "pymovements I-VT "),
        row("the same, processor time", result.cpu_s),
        row("the same, one core", result.one_core_s),
        row("the same, cold: the whole program with its start", result.cold_s),
        (
            f"{LONG_S // 60} min at {RATE_HZ} Hz, `gazekit detect` with its start",
            f"{result.long_s:.1f} s, {result.long_peak_mb:.0f} MB at most",
            "",
            f"{result.linearity:.2f} times the processor time of as many short ones, both warm",
        ),
        (
            f"heatmap, {FIXATIONS} fixations on {WIDTH} x {HEIGHT} px, one thread",
            f"{result.heatmap_ms:.1f} ms, error {result.heatmap_error:.0e}",
            f"scipy on a point map {result.point_map_ms:.0f} ms",
            f"{result.heatmap_ratio:.1f}",
        ),
    )
    return [f"| {' | '.join(cells)} |" for cells in rows]


def _write(result: SpeedResult) -> None:
    """Replace the section of this benchmark in the README, or add it."""
    version = f"pymovements {result.peer_version}" if result.peer_version else "no peer"
    lines = [
        "## Speed",
        "",
        f"Synthetic recordings; {result.cores} cores; {version}. Both sides take turns in one run,",
        "a process each, with threads as they choose (polars: all cores, ours: two), and warm but",
        "where it says cold; medians of as many runs of either side.",
        "",
        *_table(result),
        "",
        "```",
        "python -m benchmarks.speed --peer-python PYTHON_WITH_PYMOVEMENTS",
        "```",
    ]
    write_section("speed", "\n".join(lines))


if __name__ == "__main__":
    main()
