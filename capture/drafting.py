"""How does a text get onto the editor's page before anybody has typed? A local whisper's draft.

The recogniser runs as a process of its own (``gazekit transcribe``): it needs seconds of a whole
core, and nothing of it belongs into the program that records gaze.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from gazekit.model.errors import UnfitError, UsageError
from gazekit.model.layout import SessionLayout
from gazekit.model.spoken import audio_numbers, read_audio_segments

__all__ = ["Drafter", "Drafting"]

_GAZEKIT = (sys.executable, "-c", "from gazekit.commands import main; main()")
_PATIENCE_S = 180.0
_HELP_S = 60.0


class Drafting:
    """A draft that is being made, one stretch of sound after the other."""

    def __init__(self, engine: str, weights: Path, sounds: list[Path]) -> None:
        self._engine, self._weights = engine, weights
        self._sounds = list(sounds)
        self._texts: list[str] = []
        self._begun_s = time.monotonic()
        self._program: subprocess.Popen[bytes] | None = None
        self._out: IO[bytes] | None = None
        self.remark = "" if sounds else "There is no sound of this reading."

    def poll(self) -> str | None:
        """Return the draft, "" where there is none; None while it is being made."""
        if time.monotonic() - self._begun_s > _PATIENCE_S:
            self.stop()
            self.remark = "The draft took too long."
            return ""
        if self._program is None:
            if not self._sounds or self.remark:
                return " ".join(self._texts)
            self._begin(self._sounds.pop(0))
            return None
        if self._program.poll() is None:
            return None
        self._collect(self._program.returncode)
        self._program = None
        return None

    def stop(self) -> None:
        """End the process that is at work."""
        if self._program is not None:
            self._program.kill()
            self._program.wait()
            self._program = None
        if self._out is not None:
            self._out.close()
            self._out = None

    def _begin(self, sound: Path) -> None:
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - read when the process has ended
        command = ["transcribe", "--audio", str(sound), "--engine", self._engine]
        command += ["--weights", str(self._weights), "--json"]
        self._program = subprocess.Popen(  # noqa: S603 - our own program
            [*_GAZEKIT, *command],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.DEVNULL,
        )

    def _collect(self, code: int) -> None:
        out, self._out = self._out, None
        if out is None:
            return
        with out:
            out.seek(0)
            # 3: words without a time, which a draft does not need.
            text = _text_of(out.read()) if code in {0, 3} else None
        if text is None:
            self.remark = "No draft could be made; please type."
        elif text:
            self._texts.append(text)


class Drafter:
    """Makes drafts with the weights in a local folder.

    Raises
    ------
    UsageError
        `weights` is no folder.
    UnfitError
        The gazekit here cannot transcribe a sound file.
    """

    engine = "whisper"

    def __init__(self, weights: Path) -> None:
        if not weights.is_dir():
            raise UsageError(
                "no such folder",
                where="--whisper",
                expected="a folder with the weights of faster-whisper",
                remedy="leave --whisper out; the reader types then",
            )
        asked = subprocess.run(  # noqa: S603 - our own program
            [*_GAZEKIT, "transcribe", "--help"],
            capture_output=True,
            check=False,
            timeout=_HELP_S,
        )
        if asked.returncode != 0 or b"--audio" not in asked.stdout:
            remedy = "leave --whisper out; the reader types then"
            raise UnfitError("this gazekit makes no drafts from sound", remedy=remedy)
        self._weights = weights

    def begin(self, layout: SessionLayout, reading_id: str) -> Drafting:
        """Begin a draft of what was said in a reading."""
        numbers = [
            s.segment for s in read_audio_segments(layout.root) if s.reading_id == reading_id
        ]
        kept = [n for n in audio_numbers(layout.root) if n in numbers]
        sounds = [layout.audio(number, "wav") for number in kept]
        return Drafting(self.engine, self._weights, [path for path in sounds if path.is_file()])


def _text_of(out: bytes) -> str | None:
    """Return the text of a transcription's JSON line; None where there is none."""
    try:
        said = json.loads(out.splitlines()[-1])
    except (ValueError, IndexError):
        return None
    if not isinstance(said, dict):
        return None
    if isinstance(said.get("text"), str):
        return str(said["text"]).strip()
    words = said.get("words")
    if not isinstance(words, list):
        return None
    return " ".join(str(word.get("text", "")) for word in words if isinstance(word, dict)).strip()
