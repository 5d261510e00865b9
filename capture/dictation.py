"""Which words has the simulated reader said by now?

Without a microphone a real session has no words: its ``transcript.jsonl`` stays empty.
"""

import msgspec

from gazekit.model.session import SessionWriter
from gazekit.synthetic import SimulatedReading

__all__ = ["Dictation"]


class Dictation:
    """Writes the planned words into the transcript as they are spoken."""

    def __init__(self, plan: SimulatedReading, reading_id: str) -> None:
        self._words = [msgspec.structs.replace(word, reading_id=reading_id) for word in plan.words]

    def write_spoken(self, writer: SessionWriter, onset_us: int, now_us: int) -> None:
        """Write every word that has ended by `now_us`, its times on the session clock."""
        while self._words and onset_us + (self._words[0].offset_us or 0) <= now_us:
            word = self._words.pop(0)
            writer.word(
                msgspec.structs.replace(
                    word,
                    onset_us=None if word.onset_us is None else onset_us + word.onset_us,
                    offset_us=None if word.offset_us is None else onset_us + word.offset_us,
                )
            )
