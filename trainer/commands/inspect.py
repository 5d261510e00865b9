"""``trainer inspect``: draw what a batch teaches, to see that it is right."""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command(name="inspect")
@click.argument("config", default="nano")
@click.option("--data", type=click.Path(path_type=Path), help="The built dataset (data.path).")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="as for trainer fit")
@click.option("--step", type=click.IntRange(0), default=0, show_default=True, help="Which batch.")
@click.option("--readings", type=click.IntRange(1, 32), default=6, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default="inspect.png", show_default=True)
def command(
    config: str,
    *,
    data: Path | None,
    overrides: tuple[str, ...],
    step: int,
    readings: int,
    out: Path,
) -> None:
    """Draw the batch that `trainer fit CONFIG` would see at a step, gaze and words over pictures.

    A coordinate that is wrong shows here: heat and boxes must lie on what the words name.
    """
    from trainer.config import load_config
    from trainer.inspection import inspect_batch

    resolved = load_config(config, overrides)
    path = inspect_batch(resolved, out, data=data, step=step, readings=readings)
    emit(f"{path}: {readings} readings of the batch at step {step}")
