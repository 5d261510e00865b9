"""How is a dictation recorded, so that every frame has its moment and none is lost?"""

from capture.audio.dictaphone import Dictaphone
from capture.audio.find import find_microphone
from capture.audio.microphone import Microphone, MicrophoneInfo, SoundBlock
from capture.audio.opening import Sound, look_for_sound, open_dictaphone
from capture.audio.simulated import MicrophoneFaults, SimulatedMicrophone

__all__ = [
    "Dictaphone",
    "Microphone",
    "MicrophoneFaults",
    "MicrophoneInfo",
    "SimulatedMicrophone",
    "Sound",
    "SoundBlock",
    "find_microphone",
    "look_for_sound",
    "open_dictaphone",
]
