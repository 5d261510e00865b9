"""What becomes of what is said in one reading: sound, level, words of a simulated reader?

A person's words are not known yet while they are said: they come from the report and the sound
afterwards. A simulated reader's are written as they are spoken.
"""

import dataclasses

import msgspec

from capture.audio.caption import level_items
from capture.audio.dictaphone import Dictaphone
from capture.audio.simulated import SimulatedMicrophone
from capture.clock import SessionClock
from capture.items import Item
from capture.viewer import InputAct, Rectangle
from gazekit.model.protocol import DictationPlan
from gazekit.model.records import Word
from gazekit.model.session import SessionWriter
from gazekit.synthetic import SimulatedReading, Utterance, bursts, synthesised

__all__ = ["Dictation"]

_METER_US = 300_000


class Dictation:
    """The dictation of one reading, from `begin` to `end`.

    Parameters
    ----------
    plan
        What the simulated reader does; None where a person reads.
    dictaphone
        Records; None where no dictation is asked for.
    asked
        The protocol's section.
    """

    def __init__(
        self,
        plan: SimulatedReading | None,
        reading_id: str,
        dictaphone: Dictaphone | None,
        asked: DictationPlan,
    ) -> None:
        self._plan, self._reading_id = plan, reading_id
        self._dictaphone, self._asked = dictaphone, asked
        spoken = dictaphone is not None and dictaphone.synthesised and plan is not None
        # Speech takes the synthesiser seconds: it is made before the reading begins.
        self._speech: list[Utterance] = synthesised(plan.sentences, 0) if plan and spoken else []
        words = () if plan is None or spoken else plan.words
        self._words: list[Word] = [
            msgspec.structs.replace(word, reading_id=reading_id) for word in words
        ]
        self._onset_us = 0
        self._meter: tuple[Item, ...] = ()
        self._metered_us = -_METER_US

    def begin(self, onset_us: int) -> None:
        """Record from now on; a simulated reader begins to speak."""
        self._onset_us = onset_us
        if self._dictaphone is None:
            return
        self._dictaphone.start(self._reading_id)
        microphone = self._dictaphone.microphone
        if self._plan is None:
            return
        self._dictaphone.talk(on=True)
        if isinstance(microphone, SimulatedMicrophone):
            said = [
                dataclasses.replace(u, onset_us=u.onset_us + onset_us) for u in self._speech
            ] or bursts(self._plan.words, onset_us)
            microphone.voice.say(said)

    def turn(self, writer: SessionWriter, acts: list[InputAct], now_us: int) -> None:
        """Follow the push-to-talk key; write every planned word that has ended by `now_us`."""
        for act in acts:
            if self._dictaphone is not None and act.key == self._asked.talk_key:
                if act.kind == "key":
                    self._dictaphone.talk(on=True)
                elif act.kind == "release":
                    self._dictaphone.talk(on=False)
        while self._words and self._onset_us + (self._words[0].offset_us or 0) <= now_us:
            writer.word(_at(self._words.pop(0), self._onset_us))

    def end(self) -> None:
        """Record no more."""
        if self._dictaphone is not None:
            self._dictaphone.stop()

    def pause(self) -> None:
        """Record nothing until `resume`."""
        self.end()

    def resume(self) -> None:
        """Record again."""
        if self._dictaphone is not None:
            self._dictaphone.start(self._reading_id)

    def meter(self, clock: SessionClock, area_px: Rectangle) -> tuple[Item, ...]:
        """Return what is drawn of the level; it changes a few times a second at most."""
        dictaphone, now_us = self._dictaphone, clock.now_us()
        if dictaphone is None:
            return ()
        if now_us - self._metered_us >= _METER_US * max(1.0, clock.speed):
            self._metered_us = now_us
            self._meter = level_items(dictaphone.level, area_px, recording=dictaphone.recording)
        return self._meter


def _at(word: Word, onset_us: int) -> Word:
    """Place a planned word on the session clock."""
    return msgspec.structs.replace(
        word,
        onset_us=None if word.onset_us is None else onset_us + word.onset_us,
        offset_us=None if word.offset_us is None else onset_us + word.offset_us,
    )
