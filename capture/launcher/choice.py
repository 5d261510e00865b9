"""What has been chosen in the launcher, is it enough to start, and which programs does it mean?"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from gazekit.model.errors import GazekitError
from gazekit.model.protocol import Protocol, load_protocol

__all__ = ["Choice", "Verdict", "judge_reader", "known_protocols", "program"]


@dataclass(frozen=True)
class Verdict:
    """Whether an entry will do, and what to say of it; the entry itself is not repeated."""

    good: bool
    words: str


@dataclass(frozen=True)
class Choice:
    """A protocol, a reader's code, a folder and a tracker."""

    protocol: Path
    reader: str
    out: Path
    tracker: str

    def run_words(self) -> list[str]:
        """Return the words of `capture run` for this choice."""
        words = ["run", str(self.protocol), "--reader", self.reader]
        return [*words, "--out", str(self.out), "--tracker", self.tracker]

    def doctor_words(self) -> list[str]:
        """Return the words of `capture doctor` for this choice."""
        words = ["doctor", str(self.protocol), "--out", str(self.out), "--tracker", self.tracker]
        return [*words, "--json"]

    def monitor_words(self) -> list[str]:
        """Return the words of `capture monitor` for this choice."""
        return ["monitor", str(self.out)]


def program(words: list[str]) -> tuple[str, list[str]]:
    """Return program and arguments that run a verb in a process of its own."""
    return sys.executable, ["-c", "from capture.commands import main; main()", *words]


def judge_reader(reader: str, protocol: Protocol | None) -> Verdict:
    """Say whether a reader's code follows the protocol; a name never does."""
    if not reader:
        return Verdict(good=False, words="type the reader's code, such as R01")
    if protocol is None:
        return Verdict(good=False, words="choose a protocol first")
    if re.fullmatch(protocol.reader_pattern, reader):
        return Verdict(good=True, words="follows the protocol")
    return Verdict(
        good=False,
        words=f"must look like {protocol.reader_pattern}; never a name or a record number",
    )


def known_protocols(folder: Path) -> list[tuple[Path, Protocol]]:
    """Return the sound protocols in a folder, by title; other TOML files are passed over."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append((path, load_protocol(path)))
        except GazekitError:
            continue
    return sorted(found, key=lambda pair: pair[1].title)
