"""Writes a page that plays a reading of a session or a dataset again, or several of one image."""

from pathlib import Path

import click

from gazekit.console import emit, say

__all__ = ["command"]

_BYTES_PER_MB = 1_000_000


@click.command("replay")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("readings", metavar="[READING]...", nargs=-1)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The page (HTML).")
@click.option("--audio", is_flag=True, help="Put the recorded voice into the page.")
def command(source: Path, readings: tuple[str, ...], out: Path, *, audio: bool) -> None:
    """Play READING of SOURCE again: gaze in time on the image, words as they were said.

    SOURCE is a session folder or a dataset. READING is an id, or a place in order from 0; it may
    be left out where there is only one. Several readings of one image stand side by side.
    """
    from gazekit.report.replay import open_recording, write_replay

    wanted = readings or (None,)
    page = write_replay([open_recording(source, one, sound=audio) for one in wanted], out)
    say(f"{page.stat().st_size / _BYTES_PER_MB:.1f} MB")
    emit(page)
