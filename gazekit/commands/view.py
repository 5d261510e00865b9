"""Shows a dataset in the browser, from a server that only this machine reaches."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from gazekit.console import emit, say

__all__ = ["command"]


@click.command("view")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--port", type=int, default=8642, show_default=True, help="0 takes a free one.")
@click.option("--no-open", is_flag=True, help="Print the address; open no browser.")
@click.option(
    "--exclusions",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where marks are kept; DATASET.exclusions.toml beside the dataset by default.",
)
def command(dataset: Path, *, port: int, no_open: bool, exclusions: Path | None) -> None:
    """Browse DATASET: filter its readings, replay them, mark what the next build leaves out.

    The pages come from this machine to this machine alone, for whoever has the address that is
    printed: it holds a key. Ctrl-C ends it.
    """
    from gazekit.report.view import open_view

    with open_view(dataset, port=port, exclusions=exclusions) as server, ExitStack() as stack:
        emit(server.address)
        sys.stdout.flush()
        say("Ctrl-C ends it")
        if not no_open and _has_display():
            stack.enter_context(_browser_at(server.address))
        server.serve_forever()


@contextmanager
def _browser_at(address: str) -> Iterator[None]:
    """Open a browser by way of a file that only this user reads.

    As an argument of a program the address, and its key, would show in the list of processes.
    """
    import tempfile
    import webbrowser

    with tempfile.TemporaryDirectory(prefix="gazekit-view-") as folder:
        page = Path(folder) / "open.html"
        page.write_text(f'<meta http-equiv="refresh" content="0; url={address}">', "utf-8")
        webbrowser.open(page.as_uri())
        yield


def _has_display() -> bool:
    """Say whether a browser would have a window: one in the terminal would take it over."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
