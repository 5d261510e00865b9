"""What does the operator ask of the session: by hidden keys, or from the monitor's process?

::

    F5 F6 F7 F8 F9 Ctrl+Alt+E --.
                                +--> asked --> stop: at once; flag: noted at once;
    commands.jsonl -------------'              the rest wait for the next moment that suits
"""

import time

from capture.viewer import InputAct
from gazekit.model.commands import CommandFeed, CommandName, OperatorCommand
from gazekit.model.records import Event
from gazekit.model.session import SessionWriter

__all__ = ["HOTKEYS", "Operator"]

HOTKEYS: dict[str, CommandName] = {
    "f5": "recalibrate",
    "f6": "drift_check",
    "f7": "redo",
    "f8": "pause",
    "f9": "flag",
    "ctrl+alt+e": "stop",
}
"""The operator's keys; the reader's screen never names them."""

_POLL_S = 0.25


class Operator:
    """Collects what the operator asks; each command is recorded as an event when it comes."""

    def __init__(self, writer: SessionWriter) -> None:
        self._writer = writer
        self._feed = CommandFeed(writer.layout.root)
        self._polled_s = 0.0
        self._waiting: list[CommandName] = []
        self.reading_id: str | None = None
        self.unexplained = False

    def listen(self, acts: list[InputAct], now_us: int) -> list[InputAct]:
        """Take the operator's keys out of `acts` and read the feed; return the reader's acts."""
        rest = []
        for act in acts:
            command = HOTKEYS.get(act.key) if act.kind == "key" else None
            if command is None:
                rest.append(act)
            else:
                self._note(OperatorCommand(command=command), "key", act.time_us)
        if time.monotonic() - self._polled_s >= _POLL_S:
            self._polled_s = time.monotonic()
            for sent in self._feed.take():
                self._note(sent, "monitor", now_us)
        return rest

    def wants(self, *commands: CommandName) -> bool:
        """Say whether one of these is waiting; it goes on waiting."""
        return any(command in self._waiting for command in commands)

    def take(self, *commands: CommandName) -> bool:
        """Say whether one of these was waiting; none of them waits any longer."""
        wanted = self.wants(*commands)
        self._waiting = [command for command in self._waiting if command not in commands]
        return wanted

    def _note(self, sent: OperatorCommand, origin: str, time_us: int) -> None:
        value = {"command": sent.command, "origin": origin, "note": sent.note}
        if self.reading_id is not None:
            value["reading_id"] = self.reading_id
        self._writer.event(Event(time_us=time_us, kind="operator_command", value={**value}))
        if sent.command == "flag":
            self._writer.event(Event(time_us=time_us, kind="flag", value={**value}))
            self.unexplained = self.unexplained or not sent.note
        elif sent.command not in self._waiting:
            self._waiting.append(sent.command)
