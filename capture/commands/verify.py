"""``capture verify``: is a session folder sound?"""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_DATA, EXIT_OK

__all__ = ["command"]


@click.command()
@click.argument("session", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(session: Path, *, as_json: bool) -> int:
    """Check a SESSION folder: checksums, streams, times, images; one line for each problem."""
    from capture.soundness import problems_of

    problems = [str(problem) for problem in problems_of(session)]
    if as_json:
        emit({"session": session.name, "sound": not problems, "problems": problems}, as_json=True)
    else:
        for problem in problems:
            say(f"error: {problem}")
        emit(f"{session.name}: {'sound' if not problems else f'{len(problems)} problems'}")
    return EXIT_DATA if problems else EXIT_OK
