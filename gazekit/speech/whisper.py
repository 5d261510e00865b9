"""What was said, when nobody wrote it down? faster-whisper with weights from a local folder."""

import importlib
import os
from pathlib import Path
from typing import Any

from gazekit.model.errors import UnfitError
from gazekit.speech.aligner import ForcedAligner
from gazekit.speech.engines import Transcription
from gazekit.speech.sound import Sound

__all__ = ["WhisperEngine"]

_WEIGHTS = "model.bin"
_HINT = "Chest radiograph. No pneumothorax, effusion, consolidation or cardiomegaly."


class WhisperEngine:
    """Writes a draft with faster-whisper; the times of its words come from the aligner.

    A text that is given is aligned as it is: the reader's own words are better than any draft.

    Raises
    ------
    UnfitError
        faster-whisper is not installed, or the folder holds no model of it.
    """

    name = "whisper"
    needs_text = False

    def __init__(self, folder: Path) -> None:
        # A folder that is missing would be taken for the name of a model to fetch.
        if not (folder / _WEIGHTS).is_file():
            raise UnfitError(
                "there is no whisper model",
                where=f"--model {folder.name}",
                expected=f"a folder with {_WEIGHTS}",
                remedy="copy a converted (CTranslate2) model there; nothing is ever downloaded",
            )
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            whisper: Any = importlib.import_module("faster_whisper")
        except ImportError as error:
            raise UnfitError(
                "faster-whisper is not installed",
                remedy="install it with: pip install 'gazekit[whisper]'",
            ) from error
        try:
            self._model: Any = whisper.WhisperModel(
                str(folder), device="cpu", compute_type="int8", local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise UnfitError(
                f"the whisper model cannot be loaded: {type(error).__name__}",
                where=f"--model {folder.name}",
                remedy="copy the whole converted model anew",
            ) from error
        self._aligner = ForcedAligner()

    def transcribe(self, sound: Sound, text: str | None) -> Transcription:
        """Return the words of `text`, or of the draft, with the aligner's times."""
        written = text if text and text.strip() else self._draft(sound)
        made = self._aligner.transcribe(sound, written)
        return Transcription(made.words, f"{self.name}+{made.engine}", made.unwritten_s, made.note)

    def _draft(self, sound: Sound) -> str:
        segments, _ = self._model.transcribe(
            sound.pcm,
            language="en",
            word_timestamps=True,
            vad_filter=True,
            initial_prompt=_HINT,
            condition_on_previous_text=False,
        )
        return " ".join(segment.text.strip() for segment in segments)
