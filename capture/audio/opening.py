"""What dictaphone does a session get, given what was asked for and what is there?"""

from dataclasses import dataclass

from capture.audio.dictaphone import Dictaphone
from capture.audio.find import NONE, SPOKEN, check_microphone, find_microphone
from capture.audio.microphone import Microphone
from capture.clock import SessionClock
from gazekit.model.protocol import Protocol
from gazekit.model.records import Event
from gazekit.model.session import SessionWriter

__all__ = ["Sound", "look_for_sound", "open_dictaphone"]


@dataclass(frozen=True)
class Sound:
    """The microphone of a session, and why there is none where one was looked for.

    `synthesised`: espeak-ng speaks before a simulated one.
    """

    microphone: Microphone | None = None
    missing: str | None = None
    synthesised: bool = False


def look_for_sound(
    name: str | None, protocol: Protocol, clock: SessionClock, *, simulated: bool, seed: int
) -> Sound | None:
    """Find the microphone before anything is written; None where nothing shall be recorded.

    Raises
    ------
    UsageError
        The microphone does not go with the session.
    UnfitError
        The microphone that `name` names is not there.
    """
    meant = check_microphone(name, simulated=simulated, speed=clock.speed)
    if meant == NONE or not protocol.reading.dictation:
        return None
    microphone, missing = find_microphone(meant, protocol.dictation, clock, seed=seed)
    return Sound(microphone, missing, synthesised=meant == SPOKEN)


def open_dictaphone(
    sound: Sound | None, protocol: Protocol, writer: SessionWriter, clock: SessionClock
) -> Dictaphone | None:
    """Return the dictaphone, listening, so that its level is seen; None where none is wanted."""
    if sound is None:
        return None
    dictaphone = Dictaphone(
        sound.microphone,
        writer,
        clock,
        mode=protocol.dictation.mode,
        synthesised=sound.synthesised,
        missing=sound.missing,
    )
    if sound.missing is not None:
        value: dict[str, str | int | float | bool | None] = {"reason": sound.missing}
        writer.event(Event(time_us=clock.now_us(), kind="microphone_missing", value=value))
    dictaphone.listen()
    return dictaphone
