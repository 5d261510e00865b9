"""``capture verify``: is a session folder sound?"""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_DATA, EXIT_OK, DataError

__all__ = ["command"]


@click.command()
@click.argument("sessions", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a session.")
def command(sessions: tuple[Path, ...], *, as_json: bool) -> int:
    """Check SESSIONS: checksums, streams, times, images; one line for each problem."""
    # A list, not a generator: every session is looked at, whatever the first one holds.
    sound = [_verify(session, as_json=as_json) for session in sessions]
    return EXIT_OK if all(sound) else EXIT_DATA


def _verify(session: Path, *, as_json: bool) -> bool:
    from capture.soundness import problems_of

    is_session = True
    try:
        problems = [str(problem) for problem in problems_of(session)]
    except DataError as error:
        is_session, problems = False, [str(error)]
    if as_json:
        emit({"session": session.name, "sound": not problems, "problems": problems}, as_json=True)
        return not problems
    for problem in problems:
        say(f"error: {problem}")
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    if is_session:
        emit(f"{session.name}: {count if problems else 'sound'}")
    return not problems
