"""``capture recover``: make a valid session of one that was cut."""

from pathlib import Path

import click

from gazekit.console import emit, say

__all__ = ["command"]


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(session: Path, *, as_json: bool) -> None:
    """Mend a SESSION that was cut by a crash: whatever is whole is kept, nothing is invented."""
    from gazekit.model.recovery import recover_session

    done = recover_session(session)
    if as_json:
        emit(done, as_json=True)
        return
    if done.changed:
        say(f"kept {done.samples} samples, cut {done.cut_bytes} bytes of unfinished writing")
        for reading_id in done.aborted:
            say(f"reading {reading_id} is marked aborted")
    else:
        say("the session was closed properly; nothing to do")
    emit(session)
