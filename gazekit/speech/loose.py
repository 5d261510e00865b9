"""When were the words of a text said that was recorded elsewhere?"""

from pathlib import Path

import msgspec

from gazekit.model.errors import DataError
from gazekit.model.files import write_json
from gazekit.speech.engines import SpeechEngine, SpokenWord, Transcription
from gazekit.speech.sound import read_sound

__all__ = ["read_text", "transcribe_files"]

_MOST_BYTES = 1 << 20


def transcribe_files(
    audio: Path, text: Path | None, out: Path | None, *, engine: SpeechEngine
) -> Transcription:
    """Return the words of `audio`; with `out`, write them there as JSON, whole or not at all.

    The file is a list of words as a source description reads it (``words = "words.json"``), times
    in microseconds from the start of the sound.

    Raises
    ------
    DataError
        The text or the sound is missing, empty or damaged.
    """
    if text is None and engine.needs_text:
        raise DataError(
            f"the engine {engine.name} needs the text that was dictated",
            where=audio.name,
            remedy="give it with --text FILE, or choose --engine whisper --model FOLDER",
        )
    written = None if text is None else read_text(text)
    done = engine.transcribe(read_sound(audio), written)
    if out is not None:
        told = msgspec.to_builtins(done)
        words = [_timed(word) for word in done.words]
        write_json(out, {"audio": audio.name, **told, "words": words})
    return done


def _timed(word: SpokenWord) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(word)
    for moment in ("onset", "offset"):
        told.pop(f"{moment}_s")
    return {"text": told.pop("text"), **_times(word), **told}


def _times(word: SpokenWord) -> dict[str, int | None]:
    """Return both times or none: half a time is none."""
    if word.onset_s is None or word.offset_s is None:
        return {"onset_us": None, "offset_us": None}
    return {
        "onset_us": round(word.onset_s * 1_000_000),
        "offset_us": round(word.offset_s * 1_000_000),
    }


def read_text(path: Path) -> str:
    """Read a text in UTF-8 (a byte-order mark is dropped); empty or huge is a DataError."""
    if not path.is_file():
        raise DataError("there is no such text file", where=path.name)
    data = path.read_bytes()
    if len(data) > _MOST_BYTES:
        raise DataError(
            "the text is too long for a dictation",
            where=path.name,
            expected="at most 1 MB",
            found=f"{len(data)} bytes",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            "the text is not UTF-8",
            where=path.name,
            found=f"byte 0x{data[error.start]:02x} at {error.start}",
            remedy="save it as UTF-8",
        ) from None
    if "\0" in text:
        raise DataError("the text holds binary data", where=path.name, expected="plain text")
    if not text.strip():
        raise DataError("the text is empty", where=path.name)
    return text
