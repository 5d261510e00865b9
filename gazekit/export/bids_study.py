"""What stands at the root of a BIDS dataset? Its description, its participants, a page to read."""

from collections.abc import Sequence
from pathlib import Path

from gazekit.model.dataset import DatasetInfo
from gazekit.model.files import write_bytes, write_json
from gazekit.model.version import DISCLAIMER, __version__

__all__ = ["write_study_files"]

_BIDS_VERSION = "1.11.1"


def write_study_files(root: Path, info: DatasetInfo, *, participants: Sequence[str]) -> None:
    """Write ``dataset_description.json``, ``participants.tsv`` and ``README.md``."""
    description: dict[str, object] = {
        "Name": info.name,
        "BIDSVersion": _BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "gazekit", "Version": __version__}],
    }
    write_json(root / "dataset_description.json", description)
    lines = ["participant_id", *(f"sub-{name}" for name in participants)]
    write_bytes(root / "participants.tsv", ("\n".join(lines) + "\n").encode())
    write_json(
        root / "participants.json",
        {"participant_id": {"Description": "Pseudonym of the reader whose eyes were recorded"}},
    )
    write_bytes(root / "README.md", _readme(info).encode())


def _readme(info: DatasetInfo) -> str:
    simulated = (
        "The gaze in it was simulated; no person was recorded.\n\n" if info.simulated else ""
    )
    return (
        f"# {info.name}\n\n"
        "Eye movements of readers of chest radiographs, one run for each reading. The subject is "
        "the reader. Gaze is in pixels of the screen from its top-left corner; each view in "
        "events.tsv tells where the image stood on it.\n\n"
        f"{simulated}"
        f"Exported by gazekit {__version__} from the dataset with fingerprint "
        f"{info.fingerprint}.\n\n{DISCLAIMER}\n"
    )
