"""``capture protocol``: check a study protocol, show what holds, list what may stand in one."""

from pathlib import Path

import click

from gazekit.console import emit, say
from gazekit.model.errors import EXIT_OK, EXIT_USAGE

__all__ = ["command"]


@click.group()
def command() -> None:
    """Check a study protocol, or show what holds in it."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a file.")
def _check(files: tuple[Path, ...], *, as_json: bool) -> int:
    """Check protocol FILES: keys, values, rules between them, and that the images are there."""
    from capture.protocol_check import protocol_problems

    sound = True
    for path in files:
        problems = protocol_problems(path)
        sound &= not problems
        if as_json:
            result = {"protocol": path.name, "sound": not problems, "problems": problems}
            emit(result, as_json=True)
            continue
        for problem in problems:
            say(f"error: {problem.as_error(path.name)}")
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        emit(f"{path.name}: {count if problems else 'sound'}")
    return EXIT_OK if sound else EXIT_USAGE


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON line.")
def _show(file: Path, *, as_json: bool) -> None:
    """Show every value that holds in the protocol FILE, defaults included, as TOML."""
    from gazekit.model.config import to_toml
    from gazekit.model.protocol import load_protocol

    protocol = load_protocol(file)
    emit(protocol if as_json else to_toml(protocol).rstrip(), as_json=as_json)


@command.command("schema")
def _schema() -> None:
    """Print what may stand in a protocol, as a Markdown page."""
    from capture.protocol_page import protocol_page

    emit(protocol_page().rstrip())
