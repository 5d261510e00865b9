"""What does a raw session folder hold: its records, and its samples reduced to what is shown?"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from gazekit.model.clocks import ClockQuality, clock_quality
from gazekit.model.dictation import AudioSegment
from gazekit.model.geometry import ViewTrack
from gazekit.model.layout import SessionLayout
from gazekit.model.protocol import CalibrationPlan, Protocol, QualityLimits, load_protocol
from gazekit.model.records import (
    CalibrationRecord,
    Event,
    ImageRecord,
    ReadingRecord,
    SessionRecord,
    ViewState,
    Word,
)
from gazekit.model.session import (
    iter_pairs,
    read_calibrations,
    read_events,
    read_images,
    read_session_record,
    read_view_states,
    read_words,
    readings_of,
)
from gazekit.model.spoken import read_audio_segments
from gazekit.report.signal import ClockFit, Signal, clock_fit, read_signal

__all__ = ["RawSession", "open_raw_session"]


@dataclass(frozen=True)
class RawSession:
    """A raw session folder, read: its records, and its samples reduced to what is drawn."""

    root: Path
    record: SessionRecord
    calibration_plan: CalibrationPlan
    limits: QualityLimits
    readings: tuple[ReadingRecord, ...]
    images: dict[str, ImageRecord]
    views: tuple[ViewState, ...]
    words: tuple[Word, ...]
    calibrations: tuple[CalibrationRecord, ...]
    signal: Signal
    clock: ClockFit | None
    protocol: Protocol | None = None
    events: tuple[Event, ...] = ()
    audio: tuple[AudioSegment, ...] = ()
    other_clocks: tuple[ClockQuality, ...] = ()

    def views_on(self, image_id: str) -> ViewTrack:
        """Return when one image was shown, and how; while another was, there is none."""
        return ViewTrack(
            tuple(
                state
                if state.image_id in {None, image_id}
                else msgspec.structs.replace(state, image_id=None, image_to_screen=None)
                for state in self.views
            )
        )

    def seconds(self, time_us: int) -> float | None:
        """Return a session time in seconds from the first sample; None without samples."""
        times = self.signal.time_us
        return (time_us - int(times[0])) / 1e6 if times.size else None

    @property
    def accepted(self) -> CalibrationRecord | None:
        """The last accepted validation; None without one."""
        found = [c for c in self.calibrations if c.kind == "validation" and c.accepted]
        return found[-1] if found else None

    @property
    def duration_us(self) -> int:
        """From the first to the last sample."""
        times = self.signal.time_us
        return int(times[-1] - times[0]) if times.size else 0


def open_raw_session(root: str | Path) -> RawSession:
    """Read what the report and `gazekit show` need of a session folder, closed or not."""
    folder = Path(root)
    record = read_session_record(folder)
    protocol = _protocol(SessionLayout(folder).protocol)
    return RawSession(
        root=folder,
        record=record,
        calibration_plan=protocol.calibration if protocol else CalibrationPlan(),
        limits=protocol.quality if protocol else QualityLimits(),
        readings=tuple(readings_of(folder)),
        images={image.image_id: image for image in read_images(folder)},
        views=tuple(sorted(read_view_states(folder), key=lambda state: state.time_us)),
        words=tuple(read_words(folder)),
        calibrations=tuple(read_calibrations(folder)),
        signal=read_signal(folder, record.screen),
        clock=clock_fit(folder),
        protocol=protocol,
        events=tuple(read_events(folder)),
        audio=tuple(read_audio_segments(folder)),
        other_clocks=_other_clocks(folder),
    )


def _other_clocks(root: Path) -> tuple[ClockQuality, ...]:
    """Return how well each further clock of the host follows the session clock."""
    batches = list(iter_pairs(root))
    if not batches:
        return ()
    pairs = pa.Table.from_batches(batches)
    found = []
    for name in sorted(set(pairs.column("clock").to_pylist())):
        mine = pairs.filter(pc.equal(pairs.column("clock"), name))
        columns = (mine.column(c).to_numpy() for c in ("request_us", "other_us", "response_us"))
        found.append(clock_quality(name, *columns))
    return tuple(found)


def _protocol(path: Path) -> Protocol | None:
    return load_protocol(path) if path.is_file() else None
