"""``trainer fit``: train a model by a configuration file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit
from gazekit.model.errors import UsageError
from gazekit.model.layout_runs import RunLayout

if TYPE_CHECKING:
    from trainer.config import TrainConfig

__all__ = ["command"]

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@click.command(name="fit")
@click.argument("config", required=False)
@click.option("--data", type=click.Path(path_type=Path), help="The built dataset (data.path).")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder to make.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="e.g. fit.steps=600")
@click.option("--resume", type=click.Path(path_type=Path), help="Go on with this run.")
@click.option("--other-data", is_flag=True, help="Resume on a dataset with another fingerprint.")
@click.option("--init-from", type=click.Path(path_type=Path), help="Start from a run's weights.")
@click.option("--overfit", type=click.IntRange(1), metavar="N", help="Learn N readings by heart.")
@click.option("--limit-batches", type=click.IntRange(1), metavar="N", help="Try with N batches.")
@click.option("--max-time", metavar="TIME", help="Stop after e.g. 30m or 2h, with a checkpoint.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    config: str | None,
    data: Path | None,
    out: Path | None,
    overrides: tuple[str, ...],
    resume: Path | None,
    *,
    other_data: bool,
    init_from: Path | None,
    overfit: int | None,
    limit_batches: int | None,
    max_time: str | None,
    as_json: bool,
) -> None:
    """Train a model by CONFIG: a TOML file, or the name of a shipped one such as `nano`.

    SIGTERM writes a checkpoint and ends with 0; the run goes on with --resume RUN. Several
    processes: torchrun --nproc-per-node N -m trainer fit ...
    """
    from trainer.config import load_config
    from trainer.fit import main
    from trainer.local import run_config

    seconds = None if max_time is None else _seconds(max_time)
    if data is not None:
        overrides = (*overrides, f"data.path={_toml_string(data.resolve())}")
    run = _run_folder(config, out, resume, init_from)
    resolved = load_config(str(config), overrides) if resume is None else run_config(run, overrides)
    result = main(
        _tried(resolved, overfit=overfit, limit_batches=limit_batches),
        run,
        # What was cut before its first checkpoint begins again.
        resume=resume is not None and run.last.is_file(),
        other_data=other_data,
        max_seconds=seconds,
        init_from=None if init_from is None else RunLayout(init_from),
    )
    if result.first:
        emit(
            result if as_json else f"{result.run}: step {result.step} of {result.steps}",
            as_json=as_json,
        )


def _run_folder(
    config: str | None, out: Path | None, resume: Path | None, init_from: Path | None
) -> RunLayout:
    if resume is not None:
        if config is not None or out is not None or init_from is not None:
            raise UsageError(
                "a resumed run has its own configuration, folder and weights",
                where="--resume",
                remedy="leave CONFIG, --out and --init-from away; change values with --set",
            )
        run = RunLayout(resume)
        if not run.config.is_file():
            from trainer.checkpoint import newest

            newest(run)
        return run
    if config is None:
        raise UsageError(
            "no configuration is named", remedy="type: trainer fit nano --data DATASET"
        )
    return RunLayout(out or Path("runs") / Path(config).stem)


def _tried(
    config: "TrainConfig", *, overfit: int | None, limit_batches: int | None
) -> "TrainConfig":
    """Return the configuration of a trial: few readings, or few batches of each kind."""
    from msgspec.structs import replace

    fit, data = config.fit, config.data
    if overfit is not None:
        data = replace(data, readings=overfit, held_out="train")
        fit = replace(fit, batch=min(fit.batch, overfit))
    if limit_batches is not None:
        fit = replace(
            fit,
            steps=min(fit.steps, -(-limit_batches // fit.accumulate)),
            eval_readings=min(fit.eval_readings, limit_batches * fit.batch),
        )
    return replace(config, fit=fit, data=data)


def _seconds(text: str) -> float:
    unit = text[-1:].lower()
    number = text[:-1] if unit in _SECONDS else text
    try:
        seconds = float(number) * _SECONDS.get(unit, 1.0)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UsageError(
            "not a length of time", where="--max-time", expected="30s, 90m or 2h", found=text
        )
    return seconds


def _toml_string(path: Path) -> str:
    import msgspec

    return msgspec.json.encode(str(path)).decode()
