"""What does a path name: a session folder or a dataset? Either way, one reading to play."""

from pathlib import Path

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import UsageError
from gazekit.model.layout import DatasetLayout, SessionLayout
from gazekit.report.replay.from_dataset import recording_of_dataset
from gazekit.report.replay.recording import Recording

__all__ = ["open_recording"]


def open_recording(
    path: str | Path, reading: str | None = None, *, sound: bool = False
) -> Recording:
    """Read one reading of a session folder or of a dataset.

    Parameters
    ----------
    path
        The folder.
    reading
        Id of the reading, or its place in order from 0; None where there is only one.
    sound
        Take what was heard along: it is a voice, by which a person can be known.

    Raises
    ------
    UsageError
        The path is neither, there is no such reading, or several to choose from.
    DataError
        The session is damaged or was not closed, the dataset has no picture of the image, or
        sound is asked for and there is none.
    """
    root = Path(path)
    if SessionLayout(root).session.is_file():
        from gazekit.report.replay.from_session import recording_of_session

        return recording_of_session(root, reading, sound=sound)
    if DatasetLayout(root).info.is_file():
        return recording_of_dataset(open_dataset(root), reading, sound=sound)
    raise UsageError(
        "neither a session folder nor a dataset",
        where=root.name or root,
        expected="a folder with session.json or meta/info.json",
        found="no such folder" if not root.exists() else None,
        remedy="check the path",
    )
