"""Which engine does a name stand for?"""

from pathlib import Path

from gazekit.model.errors import UsageError
from gazekit.speech.aligner import ForcedAligner
from gazekit.speech.engines import SpeechEngine
from gazekit.speech.vosk import VoskEngine
from gazekit.speech.whisper import WhisperEngine

__all__ = ["engine_named"]


def engine_named(name: str, model: Path | None = None) -> SpeechEngine:
    """Make the engine `name`: ``align``, or ``whisper`` or ``vosk`` with the folder of a model.

    Raises
    ------
    UsageError
        No such engine, a folder that is missing, or one that is not wanted.
    UnfitError
        Its package is not installed, or the folder holds no model.
    """
    if name == "align":
        if model is not None:
            raise UsageError("the engine align needs no --model", where="--model")
        return ForcedAligner()
    if name not in {"whisper", "vosk"}:
        raise UsageError("no such engine", expected="align, whisper or vosk", found=name)
    if model is None:
        raise UsageError(
            f"the engine {name} needs the folder with its weights",
            where="--model",
            remedy="fetch a model elsewhere, copy the folder here, and give it with --model",
        )
    return WhisperEngine(model) if name == "whisper" else VoskEngine(model)
