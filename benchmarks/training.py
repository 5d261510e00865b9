"""How fast does `nano` train, does loading keep up, and what does supervision cost?

One process, one thread, the same batches in turn for each model, so that what else runs on the
machine hits all alike; CPU time, not the clock. The speed of plain matrix products, measured
beside, says how much of the machine was there. Writes its section of ``benchmarks/README.md``.
"""

import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import msgspec
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.section import write_section
from gazekit.console import emit
from gazekit.model.dataset import open_dataset
from gazekit.model.layout_runs import RunLayout
from trainer.config import TrainConfig, load_config
from trainer.data import Batch, StepBatches
from trainer.images import ParquetImages
from trainer.prepare import Prepared, prepare
from trainer.ranks import Ranks
from trainer.sampler import windowed_order
from trainer.state import RunState
from trainer.step import update

WARM_STEPS = 2
IMAGES_READ = 1024
COMMAND = "python -m benchmarks.training --steps 24 --data demo/study_dataset"


class Speeds(msgspec.Struct, frozen=True, kw_only=True):
    """Images per CPU-second, ratios, and the machine; one line of JSON."""

    config: str
    image_px: int
    stored_px: str
    batch: int
    steps: int
    parameters: int
    simulated: bool
    train_images_per_cpu_s: float
    plain_images_per_cpu_s: float
    make_batch_images_per_cpu_s: float
    parquet_images_per_cpu_s: float
    cache_images_per_cpu_s: float
    parquet_over_training: float
    supervision_cpu_ratio: float
    supervision_memory_ratio: float
    gflop_per_image: float
    matmul_gflop_per_s: float
    utilisation: float
    load: float


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A built dataset; else one is made.")
@click.option("--config", default="nano", show_default=True)
@click.option("--steps", default=12, show_default=True, help="Measured, of each model.")
@click.option("--readings", default=400, show_default=True, help="Of the study, if it is made.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line; write no section.")
@click.option("--peak", hidden=True, help="Print the memory that one arm takes; used by itself.")
def main(
    data: Path | None, *, config: str, steps: int, readings: int, as_json: bool, peak: str | None
) -> None:
    """Measure training, loading and the cost of supervision."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        dataset = data or _made(Path(folder), readings)
        resolved = load_config(config, ["fit.threads=1", f'data.path="{dataset.resolve()}"'])
        if peak is not None:
            emit(_peak_bytes(resolved, Path(folder), gaze=peak))
            return
        result = _measure(resolved, Path(folder), name=config, steps=steps)
    if not as_json:
        _write(result)
    emit(result if as_json else _table(result), as_json=as_json)


def _measure(config: TrainConfig, folder: Path, *, name: str, steps: int) -> Speeds:
    prepared = _prepared(config, folder, "own")
    plain = _with(config, gaze="none")
    supervised_s, plain_s = _step_times(prepared, config, plain, folder, steps)
    batch, made_s = config.fit.batch, _timed(lambda: _batches(prepared, config, steps)) / steps
    train = batch / (supervised_s + made_s)
    parquet, cached = _loading(prepared, config)
    matmul = _matmul()
    flops = _flop_per_image(prepared, config)
    ratio = _subprocess_peak(config, "own") / _subprocess_peak(config, "none")
    return Speeds(
        config=name,
        image_px=config.model.image_px,
        stored_px=_stored(config),
        batch=batch,
        steps=steps,
        parameters=prepared.loaded.parameters,
        simulated=prepared.loaded.preprocess.data.simulated,
        train_images_per_cpu_s=train,
        plain_images_per_cpu_s=batch / (plain_s + made_s),
        make_batch_images_per_cpu_s=batch / made_s,
        parquet_images_per_cpu_s=parquet,
        cache_images_per_cpu_s=cached,
        parquet_over_training=parquet / train,
        supervision_cpu_ratio=supervised_s / plain_s,
        supervision_memory_ratio=ratio,
        gflop_per_image=flops / 1e9,
        matmul_gflop_per_s=matmul / 1e9,
        utilisation=flops * train / matmul,
        load=os.getloadavg()[0],
    )


def _step_times(
    prepared: Prepared, config: TrainConfig, plain: TrainConfig, folder: Path, steps: int
) -> tuple[float, float]:
    """Return the CPU time of a step with and without supervision: medians, step by step in turn."""
    arms = {"own": (_state(prepared, config), config)}
    arms["none"] = (_state(_prepared(plain, folder, "none"), plain), plain)
    batches = _batches(prepared, config, WARM_STEPS + steps)
    times: dict[str, list[float]] = {arm: [] for arm in arms}
    for index, batch in enumerate(batches):
        order = list(arms) if index % 2 else list(arms)[::-1]
        for arm in order:
            taken = _timed(partial(_step, *arms[arm], batch))
            if index >= WARM_STEPS:
                times[arm].append(taken)
    middle = {arm: sorted(found)[len(found) // 2] for arm, found in times.items()}
    return middle["own"], middle["none"]


def _step(state: RunState, config: TrainConfig, batch: Batch) -> None:
    update(state, [batch], config, Ranks())


def _loading(prepared: Prepared, config: TrainConfig) -> tuple[float, float]:
    """Return images a CPU-second from Parquet, in the order of an epoch, and from the cache."""
    dataset = open_dataset(str(config.data.path))
    pictures = ParquetImages(dataset, "train", size_px=config.model.image_px)
    groups = pictures.groups
    if groups is None:  # pragma: no cover - they are grouped unless told otherwise
        raise ValueError(groups)
    order = windowed_order(groups, seed=0, epoch=0)[:IMAGES_READ].tolist()
    parquet = len(order) / _timed(lambda: [pictures[row] for row in order])
    cached = prepared.train.pixels
    return parquet, len(order) / _timed(lambda: [cached[row].copy() for row in order])


def _stored(config: TrainConfig) -> str:
    """Return the size in which the dataset keeps its pictures, that of the first."""
    dataset = open_dataset(str(config.data.path))
    row = next(dataset.batches("images", columns=("image",))).slice(0, 1).to_pylist()[0]
    with Image.open(io.BytesIO(row["image"]["bytes"])) as picture:
        return "{} x {}".format(*picture.size)


def _batches(prepared: Prepared, config: TrainConfig, count: int) -> list[Batch]:
    """Return batches as in a later epoch: tokens and targets are known."""
    split, tokenizer = prepared.train, prepared.loaded.tokenizer
    made = StepBatches(split, tokenizer, config)
    return [made[step] for step in range(count)]


def _state(prepared: Prepared, config: TrainConfig) -> RunState:
    model = prepared.loaded.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return RunState.fresh(model.train(), config)


def _prepared(config: TrainConfig, folder: Path, name: str) -> Prepared:
    torch.manual_seed(0)
    config = _with(config, cache=str(folder / "cache"))
    return prepare(config, RunLayout(folder / name), resume=False, other_data=False)


def _flop_per_image(prepared: Prepared, config: TrainConfig) -> float:
    state, batch = _state(prepared, config), _batches(prepared, config, 1)
    with FlopCounterMode(display=False) as counter:
        update(state, batch, config, Ranks())
    return float(counter.get_total_flops()) / config.fit.batch


def _matmul() -> float:
    """Return floating-point operations a CPU-second of a large matrix product, the best of five."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return max(2 * 1024**3 / _timed(lambda: a @ b) for _ in range(5))


def _subprocess_peak(config: TrainConfig, gaze: str) -> float:
    done = subprocess.run(  # noqa: S603 - this file
        [sys.executable, "-m", __spec__.name, "--data", str(config.data.path), "--peak", gaze],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def _peak_bytes(config: TrainConfig, folder: Path, *, gaze: str) -> float:
    """Return by how much some steps raise the greatest memory of this process."""
    config = _with(config, gaze=gaze)
    prepared = _prepared(config, folder, gaze)
    state, batches = _state(prepared, config), _batches(prepared, config, 4)
    before = _resident_bytes()
    for batch in batches:
        update(state, [batch], config, Ranks())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before


def _resident_bytes() -> float:
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return float(pages) * resource.getpagesize()


def _timed(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _with(config: TrainConfig, **data: str) -> TrainConfig:
    return msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, **data))


def _made(work: Path, readings: int) -> Path:
    from benchmarks.gaze_supervision import _made_dataset

    return _made_dataset(work, readings)


def _table(found: Speeds) -> str:
    rows = [
        ("training, loading included", f"{found.train_images_per_cpu_s:.0f} images / CPU-s"),
        ("the same without supervision", f"{found.plain_images_per_cpu_s:.0f} images / CPU-s"),
        ("making batches, after one epoch", f"{found.make_batch_images_per_cpu_s:,.0f} / CPU-s"),
        (
            f"decoding PNGs of {found.stored_px} px from Parquet",
            f"{found.parquet_images_per_cpu_s:,.0f} images / CPU-s",
        ),
        ("reading from the cache", f"{found.cache_images_per_cpu_s:,.0f} images / CPU-s"),
        ("Parquet over training", f"{found.parquet_over_training:.1f} x"),
        ("CPU time, supervised over not", f"{found.supervision_cpu_ratio:.3f}"),
        ("memory, supervised over not", f"{found.supervision_memory_ratio:.3f}"),
        ("work of an image", f"{found.gflop_per_image:.2f} GFLOP"),
        ("plain matrix product beside it", f"{found.matmul_gflop_per_s:.0f} GFLOP / CPU-s"),
        ("of which training reached", f"{100 * found.utilisation:.0f} %"),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _method(found: Speeds, kind: str) -> str:
    return (
        f"{kind} data. `{found.config}` ({found.parameters:,} parameters, "
        f"{found.image_px} px), {found.steps} steps of {found.batch} readings on one thread of "
        f"a CPU at a load of {found.load:.1f}; medians of CPU time, the two models step by step "
        "in turn. Memory is the growth of the resident peak over the steps, each model in a "
        "process of its own."
    )


def _write(found: Speeds) -> None:
    kind = "Synthetic" if found.simulated else "Recorded"
    text = "\n".join(
        [
            "## Training",
            "",
            _method(found, kind),
            "",
            _table(found),
            "",
            f"After `make demo`: `{COMMAND}`.",
        ]
    )
    write_section("training", text)


if __name__ == "__main__":
    main()
