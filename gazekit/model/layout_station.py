"""How are files named that a station keeps beside its sessions?"""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["StationLayout"]


@dataclass(frozen=True)
class StationLayout:
    """Names in the folder that holds the sessions of a station."""

    root: Path

    @property
    def withdrawals(self) -> Path:
        """What was erased, hash-chained; there from the first erasure on."""
        return self.root / "withdrawals.jsonl"

    @property
    def sync_test(self) -> Path:
        """How far sound and picture are apart on this station, as it was last measured."""
        return self.root / "sync_test.json"

    def erasing(self, session: str) -> Path:
        """Return what a session is called while it is being removed."""
        return self.root / f".{session}.erasing"
