"""``trainer init``: write a configuration to edit, with every key explained."""

from pathlib import Path

import click

from gazekit.console import emit

__all__ = ["command"]


@click.command(name="init")
@click.argument("name", default="nano")
@click.option("--out", type=click.Path(path_type=Path), help="The file; default NAME.toml here.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(name: str, *, out: Path | None, force: bool) -> None:
    """Write the shipped configuration NAME, with what it leaves at its default named too."""
    from trainer.template import write_template

    path = write_template(name, out or Path(f"{name}.toml"), force=force)
    emit(f"{path}: edit it, then type: trainer fit {path} --data DATASET")
