"""``capture doctor``: is this station fit to record?"""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_OK, EXIT_UNFIT

__all__ = ["command"]

_STYLE = {"green": "green", "yellow": "yellow", "red": "red"}


@click.command()
@click.argument("protocol", required=False, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=".", help="Parent of sessions.")
@click.option("--tracker", default="auto", show_default=True, help="The kind that will be used.")
@click.option("--no-listen", is_flag=True, help="Do not open the microphone.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON line.")
def command(
    protocol: Path | None, *, out: Path, tracker: str, no_listen: bool, as_json: bool
) -> int:
    """Check this station, against PROTOCOL where it is given: green, yellow or red, and why.

    Works without PsychoPy, without a tracker and without a display; they are then red. Exit code
    5 where anything is red.
    """
    from capture.doctor.examine import examine
    from capture.trackers.find import check_tracker

    check_tracker(tracker)
    findings = []
    for finding in examine(protocol, out, tracker=tracker, listen=not no_listen):
        findings.append(finding)
        if not as_json:
            mark = click.style(f"{finding.colour:6}", fg=_STYLE[finding.colour], bold=True)
            emit(f"{mark}  {finding.check:16}  {finding.found}")
            if finding.remedy:
                emit(f"{'':26}-> {finding.remedy}")
    red = sum(finding.colour == "red" for finding in findings)
    if as_json:
        emit({"fit": not red, "findings": findings}, as_json=True)
    else:
        say(f"{red} red: not fit to record" if red else "fit to record")
    return EXIT_UNFIT if red else EXIT_OK
