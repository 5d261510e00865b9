"""One reading or several of one image, played again in a browser: gaze in time, words as said."""

from gazekit.report.replay.from_dataset import recording_of_dataset
from gazekit.report.replay.page import replay_page, write_replay
from gazekit.report.replay.recording import Recording
from gazekit.report.replay.source import open_recording

__all__ = ["Recording", "open_recording", "recording_of_dataset", "replay_page", "write_replay"]
