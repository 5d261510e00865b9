"""What an operator asks of a running session, from another process: one line per command.

::

    capture monitor --> commands.jsonl (append-only) --> the session, a few times a second
"""

import os
from pathlib import Path
from typing import Literal, get_args

import msgspec

from gazekit.model.layout import SessionLayout

__all__ = ["COMMANDS", "CommandFeed", "CommandName", "OperatorCommand", "send_command"]

CommandName = Literal["recalibrate", "drift_check", "pause", "resume", "flag", "redo", "stop"]

COMMANDS: tuple[CommandName, ...] = get_args(CommandName)
"""Every command, in the order in which an operator would look for it."""


class OperatorCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command; `note` is the operator's, for a flag; never an identity."""

    command: CommandName
    note: str | None = None


def send_command(root: Path, command: OperatorCommand) -> None:
    """Append a command to the session folder `root`; the session reads it within half a second.

    Raises
    ------
    OSError
        The folder does not take it.
    """
    line = msgspec.json.encode(command) + b"\n"
    file = os.open(SessionLayout(root).commands, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, line)
    finally:
        os.close(file)


class CommandFeed:
    """Reads the commands that came since it was made; lines that are not whole wait."""

    def __init__(self, root: Path) -> None:
        self._path = SessionLayout(root).commands
        self._read = 0

    def take(self) -> list[OperatorCommand]:
        """Return the commands since the last call, oldest first; a damaged line is passed over."""
        try:
            if self._path.stat().st_size <= self._read:
                return []
            with self._path.open("rb") as file:
                file.seek(self._read)
                whole = file.read()
        except OSError:
            return []
        end = whole.rfind(b"\n") + 1
        self._read += end
        commands = []
        for line in whole[:end].splitlines():
            try:
                commands.append(msgspec.json.decode(line, type=OperatorCommand))
            except msgspec.DecodeError:
                continue
        return commands
