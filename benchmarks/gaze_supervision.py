"""Does gaze help? The same model and budget with gaze, without it, and with another reading's.

Prints one JSON line an arm and writes the table into ``benchmarks/README.md``. Runs that are
finished in the work folder are not made again, so an interrupted benchmark goes on.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import click
import msgspec

from gazekit.console import emit, say
from gazekit.model.dataset import open_dataset
from gazekit.model.files import write_bytes, write_json
from gazekit.model.layout_runs import RunLayout
from trainer import fit
from trainer.config import load_config
from trainer.evaluate import evaluate

ARMS = {"report": "none", "attn_kl": "own", "shuffled": "shuffled"}
FIGURES = ("report_f1", "lesion_f1", "pointing", "nss", "nss_train_mean")
README = Path(__file__).with_name("README.md")
SECTION = re.compile(r"<!-- gaze_supervision -->.*<!-- /gaze_supervision -->", re.DOTALL)


class ArmRun(msgspec.Struct, frozen=True, kw_only=True):
    """One arm with one seed: its figures on the test split, and the CPU time of its fit."""

    arm: str
    seed: int
    steps: int
    fingerprint: str
    cpu_s: float
    figures: dict[str, float]


class ArmResult(msgspec.Struct, frozen=True, kw_only=True):
    """One arm over its seeds: mean and sample standard deviation of each figure."""

    arm: str
    seeds: int
    steps: int
    simulated: bool
    cores: int
    cpu_s: float
    mean: dict[str, float]
    sd: dict[str, float]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A built dataset; else one is made.")
@click.option("--work", type=click.Path(path_type=Path), default=Path("runs/gaze_supervision"))
@click.option("--readings", default=2500, show_default=True, help="Of the study, if it is made.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--steps", default=300, show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="For every arm.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line an arm, the default.")
def main(
    data: Path | None,
    work: Path,
    *,
    readings: int,
    seeds: int,
    steps: int,
    overrides: tuple[str, ...],
    as_json: bool,  # noqa: ARG001 - the output is JSON either way
) -> None:
    """Compare the arms `report`, `attn_kl` and `shuffled` with the same budget."""
    work.mkdir(parents=True, exist_ok=True)
    dataset = data or _made_dataset(work, readings)
    results = []
    for arm, gaze in ARMS.items():
        settings = (*overrides, f"fit.steps={steps}", f"data.gaze={gaze}")
        runs = [_run(arm, seed, settings, dataset=dataset, work=work) for seed in range(seeds)]
        results.append(_summary(runs, simulated=open_dataset(dataset).info.simulated))
        emit(results[-1], as_json=True)
    _write_table(results, dataset)


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


def _run(arm: str, seed: int, settings: tuple[str, ...], *, dataset: Path, work: Path) -> ArmRun:
    """Fit and evaluate one arm with one seed, unless its result is there."""
    path = f'data.path="{dataset.resolve()}"'
    cache = f'data.cache="{work.resolve()}"'
    config = load_config("nano", [*settings, path, cache, f"fit.seed={seed}"])
    fingerprint = open_dataset(dataset).info.fingerprint
    root = work / f"{arm}-{seed}-{config.fit.steps}-{fingerprint[:8]}"
    kept = root.with_suffix(".json")
    if kept.is_file():
        return msgspec.json.decode(kept.read_bytes(), type=ArmRun)
    say(f"{arm}, seed {seed}")
    began = time.process_time()
    run = RunLayout(root)
    ended = fit.main(config, run, resume=run.last.is_file())
    if ended.step < ended.steps:  # stopped by SIGTERM: the next call goes on
        sys.exit(0)
    cpu_s = time.process_time() - began
    figures = {name: figure.value for name, figure in evaluate(run).figures.items()}
    result = ArmRun(
        arm=arm,
        seed=seed,
        steps=config.fit.steps,
        fingerprint=fingerprint,
        cpu_s=cpu_s,
        figures=figures,
    )
    write_json(kept, result)
    return result


def _summary(runs: list[ArmRun], *, simulated: bool) -> ArmResult:
    names = [name for name in FIGURES if all(name in run.figures for run in runs)]
    values = {name: [run.figures[name] for run in runs] for name in names}
    several = len(runs) > 1
    return ArmResult(
        arm=runs[0].arm,
        seeds=len(runs),
        steps=runs[0].steps,
        simulated=simulated,
        cores=os.cpu_count() or 1,
        cpu_s=statistics.mean(run.cpu_s for run in runs),
        mean={name: statistics.mean(found) for name, found in values.items()},
        sd={name: statistics.stdev(found) for name, found in values.items()} if several else {},
    )


def _write_table(results: list[ArmResult], dataset: Path) -> None:
    """Replace the section of this benchmark in the README, or add it."""
    info = open_dataset(dataset).info
    counts = info.counts["readings"]
    first = results[0]
    kind = "Synthetic" if first.simulated else "Recorded"
    lines = [
        "<!-- gaze_supervision -->",
        "## Gaze supervision",
        "",
        (
            f"{kind} data: {counts.get('train', 0):,} readings to learn from, "
            f"{counts.get('test', 0):,} held out, by patient. `nano`, {first.steps} steps of 32 "
            f"readings, {first.seeds} seed(s), {first.cores} CPU cores. Mean ± standard deviation "
            "over seeds, on the test split; what each figure means stands in `evaluation.json`. "
            "NSS of the training-mean map is the bar that needs no image."
        ),
        "",
        "| arm | " + " | ".join(FIGURES) + " | CPU s |",
        "|---|" + "---|" * (len(FIGURES) + 1),
        *(_row(result) for result in results),
        "",
        "`report`: no gaze. `attn_kl`: the reading's own gaze. `shuffled`: another reading's.",
        "",
        "```",
        "python benchmarks/gaze_supervision.py --seeds 3 --steps 300",
        "```",
        "<!-- /gaze_supervision -->",
    ]
    section = "\n".join(lines)
    text = README.read_text("utf-8") if README.is_file() else "# Benchmarks\n"
    found = SECTION.search(text)
    text = (
        text[: found.start()] + section + text[found.end() :]
        if found
        else f"{text.rstrip()}\n\n{section}\n"
    )
    write_bytes(README, text.encode())


def _row(result: ArmResult) -> str:
    cells = []
    for name in FIGURES:
        mean, sd = result.mean.get(name), result.sd.get(name)
        cell = "" if mean is None else f"{mean:.3f}"
        cells.append(cell + (f" ± {sd:.3f}" if sd is not None else ""))
    return f"| {result.arm} | " + " | ".join(cells) + f" | {result.cpu_s:.0f} |"


if __name__ == "__main__":
    main()
