"""What does every engine take and give that turns sound into words with times?"""

from dataclasses import dataclass
from typing import Literal, Protocol

from gazekit.speech.sound import Sound

__all__ = ["Reason", "SpeechEngine", "SpokenWord", "Transcription"]

Reason = Literal["no_sound", "no_speech", "not_heard", "unstable", "too_short"]


@dataclass(frozen=True)
class SpokenWord:
    """One word of a text. Times in seconds from the start of the sound; None where not known.

    `confidence`: from 0 to 1, what it means is the engine's own. `guessed`: the pronunciation came
    from letter rules. `reason`: why it has no time; ``no_sound`` is a mark that nobody says.
    """

    text: str
    onset_s: float | None = None
    offset_s: float | None = None
    confidence: float | None = None
    guessed: bool = False
    reason: Reason | None = None


@dataclass(frozen=True)
class Transcription:
    """The words of one stretch of sound, in the order of the text.

    `unwritten_s`: how long somebody speaks where no word of the text is; None where not known.
    """

    words: tuple[SpokenWord, ...]
    engine: str
    unwritten_s: float | None = None
    note: str | None = None

    @property
    def untimed(self) -> tuple[SpokenWord, ...]:
        """The words that are said and have no time."""
        return tuple(w for w in self.words if w.onset_s is None and w.reason != "no_sound")


class SpeechEngine(Protocol):
    """Turns a stretch of sound into words with times.

    `name` goes into the records. `needs_text`: the engine cannot write the text itself.
    """

    @property
    def name(self) -> str:
        """What the records say of it."""

    @property
    def needs_text(self) -> bool:
        """Whether it only finds when given words were said."""

    def transcribe(self, sound: Sound, text: str | None) -> Transcription:
        """Return the words of `text`, or of what was heard where it is None."""
