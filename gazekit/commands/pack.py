"""``gazekit pack``: join the parts that shares of a build made to a dataset."""

from typing import Any

import click

from gazekit.commands.build import dataset_options, run_build

__all__ = ["command"]


@click.command("pack")
@dataset_options
def command(**given: Any) -> int:  # noqa: ANN401 - the options of build
    """Join the parts that ``gazekit build --shard`` made of SOURCES to a dataset.

    Give the same sources and settings as to the shares. Nothing is packed while parts are missing;
    they are listed.
    """
    from gazekit.build import Running

    running = Running(
        executor="serial", pack_only=True, rehash=given["rehash"], prune=given["prune"]
    )
    return run_build(running, **given)
