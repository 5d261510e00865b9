"""What was dictated, and when was each word said?

``align`` is forced alignment: the reader's own text, found in the sound. ``whisper`` and ``vosk``
write the text themselves from weights in a local folder. All of them run offline.
"""

from gazekit.speech.aligner import ForcedAligner
from gazekit.speech.choose import engine_named
from gazekit.speech.clip import Clip, clip_of, pcm_of
from gazekit.speech.engines import SpeechEngine, SpokenWord, Transcription
from gazekit.speech.loose import transcribe_files
from gazekit.speech.session import SessionTranscript, Silent, transcribe_session
from gazekit.speech.sound import Sound, read_sound

__all__ = [
    "Clip",
    "ForcedAligner",
    "SessionTranscript",
    "Silent",
    "Sound",
    "SpeechEngine",
    "SpokenWord",
    "Transcription",
    "clip_of",
    "engine_named",
    "pcm_of",
    "read_sound",
    "transcribe_files",
    "transcribe_session",
]
