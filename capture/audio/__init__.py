"""How is a dictation recorded, so that every frame has its moment and none is lost?"""

from capture.audio.dictaphone import Dictaphone
from capture.audio.find import find_microphone
from capture.audio.microphone import Microphone, MicrophoneInfo, SoundBlock
from capture.audio.simulated import MicrophoneFaults, SimulatedMicrophone

__all__ = [
    "Dictaphone",
    "Microphone",
    "MicrophoneFaults",
    "MicrophoneInfo",
    "SimulatedMicrophone",
    "SoundBlock",
    "find_microphone",
]
