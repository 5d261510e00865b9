"""What was said, when nobody wrote it down? Vosk with a model from a local folder."""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from gazekit.model.errors import UnfitError
from gazekit.speech.aligner import ForcedAligner
from gazekit.speech.engines import SpokenWord, Transcription
from gazekit.speech.sound import RATE_HZ, Sound

__all__ = ["VoskEngine"]

_BLOCK = RATE_HZ // 4 * 2
_ACOUSTIC = ("am", "final.mdl")


class VoskEngine:
    """Writes the words with vosk and takes its times; a text that is given goes to the aligner.

    Raises
    ------
    UnfitError
        vosk is not installed, or the folder holds no model of it.
    """

    name = "vosk"
    needs_text = False

    def __init__(self, folder: Path) -> None:
        if not any((folder / name).exists() for name in _ACOUSTIC):
            raise UnfitError(
                "there is no vosk model",
                where=f"--model {folder.name}",
                expected="an unpacked model, with a folder named am in it",
                remedy="unpack a model there; nothing is ever downloaded",
            )
        try:
            self._vosk: Any = importlib.import_module("vosk")
        except ImportError as error:
            raise UnfitError(
                "vosk is not installed",
                remedy="install it with: pip install 'gazekit[vosk]'",
            ) from error
        self._vosk.SetLogLevel(-1)
        try:
            self._model = self._vosk.Model(str(folder))
        except Exception as error:  # vosk raises no narrower one
            raise UnfitError(
                "the vosk model cannot be loaded",
                where=f"--model {folder.name}",
                remedy="unpack the whole model anew",
            ) from error

    def transcribe(self, sound: Sound, text: str | None) -> Transcription:
        """Return the words of `text`, aligned, or those that vosk hears with its own times."""
        if text and text.strip():
            return ForcedAligner().transcribe(sound, text)
        recognizer = self._vosk.KaldiRecognizer(self._model, RATE_HZ)
        recognizer.SetWords(True)
        data = (np.clip(sound.pcm, -1, 1) * np.iinfo(np.int16).max).astype("<i2").tobytes()
        found: list[dict[str, Any]] = []
        for start in range(0, len(data), _BLOCK):
            if recognizer.AcceptWaveform(data[start : start + _BLOCK]):
                found += json.loads(recognizer.Result()).get("result", [])
        found += json.loads(recognizer.FinalResult()).get("result", [])
        words = tuple(
            SpokenWord(str(one["word"]), float(one["start"]), float(one["end"]), float(one["conf"]))
            for one in found
        )
        return Transcription(words, self.name, None, sound.note)
