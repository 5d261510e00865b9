"""``capture sync-test``: how far are sound and picture apart on this station?"""

from pathlib import Path

import click

from gazekit.console import emit, say

__all__ = ["command"]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=".", help="Parent of sessions.")
@click.option("--clicks", type=click.IntRange(3, 100), default=10, show_default=True)
@click.option("--microphone", help="A part of its name; default: the system's own.")
@click.option("--simulated", is_flag=True, help="A simulated microphone of known lateness.")
@click.option("--headless", is_flag=True, help="No window; only with --simulated.")
@click.option("--speed", default=1.0, show_default=True, help="Faster than time; simulated only.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    *,
    out: Path,
    clicks: int,
    microphone: str | None,
    simulated: bool,
    headless: bool,
    speed: float,
    as_json: bool,
) -> None:
    """Flash and click, hear the clicks again, and keep how late this station records sound.

    Put the microphone where the reader's mouth will be and turn the speaker up. The result is
    written into the folder of the sessions; the display's own lag is not measured.
    """
    from capture.sync.run import SyncRequest, run_sync_test

    if not simulated and (headless or speed != 1.0):
        raise click.UsageError("--headless and --speed need --simulated")
    request = SyncRequest(
        out=out,
        clicks=clicks,
        simulated=simulated,
        headless=headless,
        speed=speed,
        microphone=microphone,
    )
    result = run_sync_test(request)
    if as_json:
        emit(result, as_json=True)
        return
    emit(f"sound is recorded {result.offset_ms:.1f} ms late (± {result.spread_ms:.1f} ms)")
    say(f"{result.heard} of {result.clicks} clicks heard; not measured: {result.not_measured}")
