"""``trainer fit``: train a model by a configuration file."""

from pathlib import Path

import click

from gazekit.console import emit
from gazekit.model.errors import UsageError
from gazekit.model.layout_runs import RunLayout

__all__ = ["command"]


@click.command(name="fit")
@click.argument("config", required=False)
@click.option("--data", type=click.Path(path_type=Path), help="The built dataset (data.path).")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder to make.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="e.g. fit.steps=600")
@click.option("--resume", type=click.Path(path_type=Path), help="Go on with this run.")
@click.option("--other-data", is_flag=True, help="Resume on a dataset with another fingerprint.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    config: str | None,
    data: Path | None,
    out: Path | None,
    overrides: tuple[str, ...],
    resume: Path | None,
    *,
    other_data: bool,
    as_json: bool,
) -> None:
    """Train a model by CONFIG: a TOML file, or the name of a shipped one such as `nano`.

    SIGTERM writes a checkpoint and ends with 0; the run goes on with --resume RUN.
    """
    from trainer.config import load_config
    from trainer.fit import main

    if data is not None:
        overrides = (*overrides, f"data.path={_toml_string(data.resolve())}")
    run = _run_folder(config, out, resume)
    if resume is not None:
        from trainer.checkpoint import newest

        newest(run)
    name = str(run.config) if resume is not None else str(config)
    resolved = load_config(name, overrides)
    result = main(resolved, run, resume=resume is not None, other_data=other_data)
    emit(
        result if as_json else f"{result.run}: step {result.step} of {result.steps}",
        as_json=as_json,
    )


def _run_folder(config: str | None, out: Path | None, resume: Path | None) -> RunLayout:
    if resume is not None:
        if config is not None or out is not None:
            raise UsageError(
                "a resumed run has its own configuration and folder",
                where="--resume",
                remedy="leave CONFIG and --out away; change values with --set",
            )
        return RunLayout(resume)
    if config is None:
        raise UsageError(
            "no configuration is named", remedy="type: trainer fit nano --data DATASET"
        )
    return RunLayout(out or Path("runs") / Path(config).stem)


def _toml_string(path: Path) -> str:
    import msgspec

    return msgspec.json.encode(str(path)).decode()
