"""Writes a page that plays one reading of a session or a dataset again."""

from pathlib import Path

import click

from gazekit.console import emit, say

__all__ = ["command"]

_BYTES_PER_MB = 1_000_000


@click.command("replay")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("reading", required=False)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The page (HTML).")
@click.option("--audio", is_flag=True, help="Put the recorded voice into the page.")
def command(source: Path, reading: str | None, out: Path, *, audio: bool) -> None:
    """Play READING of SOURCE again: gaze in time on the image, words as they were said.

    SOURCE is a session folder or a dataset. READING is an id, or a place in order from 0; it may
    be left out where there is only one.
    """
    from gazekit.report.replay import open_recording, write_replay

    page = write_replay([open_recording(source, reading, sound=audio)], out)
    say(f"{page.stat().st_size / _BYTES_PER_MB:.1f} MB")
    emit(page)
