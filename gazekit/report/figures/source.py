"""Where does a figure come from: a reading of a session, or a row of a dataset?"""

from pathlib import Path

from gazekit.model.dataset import open_dataset
from gazekit.model.errors import DataError, UsageError
from gazekit.report.figures.drawn import Drawn
from gazekit.report.figures.of_dataset import drawn_of_dataset
from gazekit.report.figures.of_session import drawn_of_session
from gazekit.report.holds import is_dataset, is_session

__all__ = ["open_drawn"]


def open_drawn(source: str | Path, row: str, *, detector: str | None = None) -> Drawn:
    """Gather what a figure of one reading is drawn from.

    Parameters
    ----------
    source
        The folder of a session or of a dataset.
    row
        A reading's id, or its number from 0; of a dataset also a key frame, as ``READING/3``.
    detector
        See `gazekit.detect_events`; a build's own where None.

    Raises
    ------
    UsageError
        No such reading or detector, or nothing is there.
    DataError
        It is neither a session nor a dataset, or is damaged.
    """
    path = Path(source)
    if is_dataset(path):
        return drawn_of_dataset(open_dataset(path), row, detector=detector)
    if is_session(path):
        return drawn_of_session(path, row, detector=detector)
    if not path.exists():
        raise UsageError("no such folder", where=path.name or path, remedy="check the path")
    raise DataError(
        "only a session or a dataset can be drawn",
        where=path.name or path,
        expected="a folder with session.json or meta/info.json",
    )
