"""What is known of this station's lateness, noted in each session that it records?"""

from pathlib import Path

import msgspec

from capture.station import Station
from capture.sync.measure import SyncResult
from gazekit.model.layout_station import StationLayout

__all__ = ["note_sync_test"]


def note_sync_test(station: Station, out: Path) -> None:
    """Write the last sync test as an event; nothing is corrected by it here.

    A simulated test is not noted in a session with a real microphone, nor the other way round.
    """
    path = StationLayout(out).sync_test
    if not path.is_file():
        return
    now_us = station.clock.now_us()
    try:
        result = msgspec.json.decode(path.read_bytes(), type=SyncResult)
    except (msgspec.DecodeError, OSError):
        station.writer.log("warning", f"{path.name} cannot be read: measure it anew: sync-test")
        return
    if result.simulated == station.simulated:
        station.mark(
            "sync_test",
            now_us,
            offset_ms=result.offset_ms,
            spread_ms=result.spread_ms,
            heard=float(result.heard),
            simulated=result.simulated,
        )
