"""Which vendor's file is this, and what reads it? The recordings that a description can list."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gazekit.model.records import ScreenRecord
from gazekit.read.bids import BidsFile, is_bids
from gazekit.read.description import RecordingKind
from gazekit.read.eyelink_asc import EyelinkFile, is_eyelink
from gazekit.read.gazepoint import GazepointFile, is_gazepoint
from gazekit.read.recording import TrackerFile
from gazekit.read.titta_hdf5 import TittaFile, is_titta
from gazekit.read.tobii_prolab import ProLabFile, is_prolab
from gazekit.read.tobii_sdk import TobiiSdkFile, is_tobii_sdk
from gazekit.read.tobii_tsv import TobiiTsvFile, is_tobii_tsv

__all__ = ["TRACKERS", "TrackerKind", "open_recording", "recording_kind"]


@dataclass(frozen=True)
class TrackerKind:
    """A vendor's format: `says` what it is, `recognise` it by content, `open` one file."""

    says: str
    recognise: Callable[[Path], bool]
    open: Callable[[Path, ScreenRecord, str | None], TrackerFile]


TRACKERS: dict[RecordingKind, TrackerKind] = {
    "eyelink_asc": TrackerKind("an EyeLink ASC recording", is_eyelink, EyelinkFile),
    "titta_hdf5": TrackerKind("an HDF5 recording of Titta", is_titta, TittaFile),
    "bids": TrackerKind("a BIDS eye-tracking recording", is_bids, BidsFile),
    "tobii_sdk": TrackerKind("gaze dictionaries of the Tobii Pro SDK", is_tobii_sdk, TobiiSdkFile),
    "tobii_prolab": TrackerKind("an export of Tobii Pro Lab", is_prolab, ProLabFile),
    "tobii_tsv": TrackerKind("a recording of the old Tobii SDK", is_tobii_tsv, TobiiTsvFile),
    "gazepoint": TrackerKind("a Gazepoint export of all gaze", is_gazepoint, GazepointFile),
}
"""Every format by its kind, in the order in which they are tried."""


def open_recording(
    kind: RecordingKind, path: Path, *, screen: ScreenRecord, recording_name: str | None = None
) -> TrackerFile:
    """Open a recording of a known kind; nothing is read yet."""
    return TRACKERS[kind].open(path, screen, recording_name)


def recording_kind(path: Path) -> RecordingKind | None:
    """Tell the kind of a recording by its content, None where it is no tracker's file."""
    if not path.is_file():
        return None
    return next((kind for kind, known in TRACKERS.items() if known.recognise(path)), None)
