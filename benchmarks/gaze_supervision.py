"""Does gaze help? The same model with gaze, without, with another's, with little, with tasks.

Prints one JSON line an arm and writes the table into ``benchmarks/README.md``. Runs that are
finished in the work folder are not made again, so an interrupted benchmark goes on, and arms may
be run one after the other: the table has those whose results are there.
"""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from benchmarks.section import write_section
from gazekit.console import emit, say
from gazekit.metrics import Figure
from gazekit.model.dataset import open_dataset
from gazekit.model.files import write_json
from gazekit.model.layout_runs import RunLayout
from trainer import fit
from trainer.config import load_config
from trainer.evaluate import evaluate


@dataclass(frozen=True)
class Arm:
    """A way to train: its shipped configuration, what it changes, its share of the budget."""

    says: str
    config: str = "nano"
    settings: tuple[str, ...] = ()
    budget: int = 1


ARMS = {
    "report": Arm("no gaze", settings=('data.gaze="none"',)),
    "attn_kl": Arm("the reading's own gaze"),
    "curriculum": Arm("the same with all tasks, three times the steps", "nano-tasks", (), 3),
    "shuffled": Arm("another reading's gaze", settings=('data.gaze="shuffled"',)),
    "gaze10": Arm("the own gaze of 10 % of the images", settings=("data.gaze_share=0.1",)),
}
FIGURES = ("report_f1", "lesion_f1", "pointing", "miou", "nss")
FURTHER = ("order_global", "vqa")


class ArmRun(msgspec.Struct, frozen=True, kw_only=True):
    """One arm with one seed: its figures on the test split, and the CPU time of its fit."""

    arm: str
    seed: int
    steps: int
    fingerprint: str
    cpu_s: float
    figures: dict[str, Figure]


class ArmResult(msgspec.Struct, frozen=True, kw_only=True):
    """One arm over its seeds: the mean of each figure, and its spread.

    `sd`: sample standard deviation over seeds, where there are several. `interval`: mean over
    seeds of the 95 % intervals by bootstrap over patients. A figure that is absent is null.
    """

    arm: str
    report_f1: float | None
    lesion_f1: float | None
    pointing: float | None
    miou: float | None
    nss: float | None
    cpu_s: float
    seeds: int
    steps: int
    simulated: bool
    further: dict[str, float]
    sd: dict[str, float]
    interval: dict[str, tuple[float, float]]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A built dataset; else one is made.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/gaze_supervision"))
@click.option("--readings", default=2500, show_default=True, help="Of the study, if it is made.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--steps", default=300, show_default=True)
@click.option("--arms", default=",".join(ARMS), show_default=True, help="Which, with commas.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="For every arm.")
@click.option("--readme/--no-readme", default=True, help="Write the table into README.md.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line an arm, the default.")
def main(
    data: Path | None,
    work: Path,
    *,
    readings: int,
    seeds: int,
    steps: int,
    arms: str,
    overrides: tuple[str, ...],
    readme: bool,
    as_json: bool,  # noqa: ARG001 - the output is JSON either way
) -> None:
    """Compare the arms `report`, `attn_kl`, `curriculum`, `shuffled` and `gaze10`."""
    chosen = [_known(name.strip()) for name in arms.split(",") if name.strip()]
    work.mkdir(parents=True, exist_ok=True)
    dataset = data or _made_dataset(work, readings)
    results = []
    for name in chosen:
        settings = (*overrides, *ARMS[name].settings, f"fit.steps={steps * ARMS[name].budget}")
        runs = [_run(name, seed, settings, dataset=dataset, work=work) for seed in range(seeds)]
        results.append(_summary(runs, simulated=open_dataset(dataset).info.simulated))
        emit(results[-1], as_json=True)
    if readme:
        _write_table(results, dataset, overrides)


def _known(name: str) -> str:
    if name not in ARMS:
        raise click.BadParameter(f"no arm {name}; one of {', '.join(ARMS)}", param_hint="--arms")
    return name


def _made_dataset(work: Path, readings: int) -> Path:
    """Simulate a study and build it, where that is not done yet."""
    study, dataset = work / "study", work / "dataset"
    program = Path(sys.executable).with_name("gazekit")
    simulate = ["synth", study, "--readings", readings, "--image-px", "512x640"]
    for arguments in (simulate, ["build", study / "sessions", "--out", dataset]):
        done = subprocess.run(  # noqa: S603 - our own program
            [program, *map(str, arguments)], check=False, stdout=sys.stderr
        )
        if done.returncode not in {0, 3}:  # 3: done, and some sentences were left out
            sys.exit(done.returncode)
    return dataset


def _run(name: str, seed: int, settings: tuple[str, ...], *, dataset: Path, work: Path) -> ArmRun:
    """Fit and evaluate one arm with one seed, unless its result is there."""
    path = f'data.path="{dataset.resolve()}"'
    cache = f'data.cache="{work.resolve()}"'
    config = load_config(ARMS[name].config, [*settings, path, cache, f"fit.seed={seed}"])
    fingerprint = open_dataset(dataset).info.fingerprint
    root = work / f"{name}-{seed}-{config.fit.steps}-{fingerprint[:8]}"
    kept = root.with_suffix(".json")
    if kept.is_file():
        return msgspec.json.decode(kept.read_bytes(), type=ArmRun)
    say(f"{name}, seed {seed}")
    began = time.process_time()
    run = RunLayout(root)
    ended = fit.main(config, run, resume=run.last.is_file())
    if ended.step < ended.steps:  # stopped by SIGTERM: the next call goes on
        sys.exit(0)
    cpu_s = time.process_time() - began
    result = ArmRun(
        arm=name,
        seed=seed,
        steps=config.fit.steps,
        fingerprint=fingerprint,
        cpu_s=cpu_s,
        figures=evaluate(run).figures,
    )
    write_json(kept, result)
    return result


def _summary(runs: list[ArmRun], *, simulated: bool) -> ArmResult:
    names = [n for n in (*FIGURES, *FURTHER) if all(n in run.figures for run in runs)]
    every = {name: [run.figures[name] for run in runs] for name in names}
    mean = {name: statistics.mean(f.value for f in found) for name, found in every.items()}
    several = len(runs) > 1
    return ArmResult(
        arm=runs[0].arm,
        report_f1=mean.get("report_f1"),
        lesion_f1=mean.get("lesion_f1"),
        pointing=mean.get("pointing"),
        miou=mean.get("miou"),
        nss=mean.get("nss"),
        cpu_s=statistics.mean(run.cpu_s for run in runs),
        seeds=len(runs),
        steps=runs[0].steps,
        simulated=simulated,
        further={name: mean[name] for name in FURTHER if name in mean},
        sd={n: statistics.stdev(f.value for f in found) for n, found in every.items()}
        if several
        else {},
        interval={name: span for name in names if (span := _interval(every[name]))},
    )


def _interval(figures: list[Figure]) -> tuple[float, float] | None:
    lows = [figure.low for figure in figures if figure.low is not None]
    highs = [figure.high for figure in figures if figure.high is not None]
    if len(lows) < len(figures):
        return None
    return statistics.mean(lows), statistics.mean(highs)


def _write_table(results: list[ArmResult], dataset: Path, overrides: tuple[str, ...]) -> None:
    """Replace the section of this benchmark in the README, or add it."""
    info = open_dataset(dataset).info
    counts = info.counts["readings"]
    first = results[0]
    kind = "Synthetic" if first.simulated else "Recorded"
    names_of_arms = ",".join(result.arm for result in results)
    settings = "".join(f" --set {setting}" for setting in overrides)
    names = [*FIGURES, *(name for name in FURTHER if any(name in r.further for r in results))]
    lines = [
        "## Gaze supervision",
        "",
        (
            f"{kind} data: {counts.get('train', 0):,} readings to learn from, "
            f"{counts.get('test', 0):,} held out, by patient. `nano`, steps of 32 readings. Mean ± "
            "standard deviation over seeds on the test split, in brackets the mean of the runs' "
            "95 % intervals by bootstrap over patients; CPU seconds of the fit alone, with what it "
            "measures on the way. What each "
            "figure means stands in `evaluation.json` of a run. Ratios of a model trained from "
            "scratch on synthetic data say nothing about patients."
        ),
        "",
        "| arm | steps | seeds | " + " | ".join(names) + " | CPU s |",
        "|---|" + "---|" * (len(names) + 3),
        *(_row(result, names) for result in results),
        "",
        "; ".join(f"`{result.arm}`: {ARMS[result.arm].says}" for result in results) + ".",
        "",
        "```",
        (
            f"python -m benchmarks.gaze_supervision --seeds {first.seeds} --arms {names_of_arms}"
            f"{settings}"
        ),
        "```",
    ]
    write_section("gaze_supervision", "\n".join(lines))


def _row(result: ArmResult, names: list[str]) -> str:
    means = {name: getattr(result, name) for name in FIGURES} | result.further
    cells = []
    for name in names:
        mean, sd, span = means.get(name), result.sd.get(name), result.interval.get(name)
        cell = "" if mean is None else f"{mean:.3f}"
        cell += f" ± {sd:.3f}" if sd is not None else ""
        cells.append(cell + (f" ({span[0]:.2f}, {span[1]:.2f})" if span else ""))
    head = f"| {result.arm} | {result.steps} | {result.seeds} | "
    return head + " | ".join(cells) + f" | {result.cpu_s:.0f} |"


if __name__ == "__main__":
    main()
