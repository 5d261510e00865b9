"""When was each click heard, and what does that make of the station's offset?"""

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from capture.audio.microphone import SoundBlock
from gazekit.model.errors import GazekitError
from gazekit.model.schemas import schema_of
from gazekit.model.soundline import SoundLine, fit_sound

__all__ = ["Click", "SyncResult", "heard_clicks", "summarise"]

_S = 1_000_000
_BEFORE_US, _AFTER_US = 80_000, 400_000
_ABOVE_NOISE, _OF_PEAK = 8.0, 0.1
_LEAST_SHARE = 0.6


class Click(msgspec.Struct, frozen=True, kw_only=True):
    """One click, all times on the session clock.

    `flash_us`: the flip that showed the flash. `played_us`: when the driver says that the click
    left the speaker. `heard_us`: its onset in the recording; None where it was not heard.
    """

    flash_us: int
    played_us: int
    heard_us: int | None = None


class SyncResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync test of a station came to.

    `offset_ms`: median of heard minus played: how late sound is recorded (driver, microphone and
    about 3 ms a metre of air). `spread_ms`: half the range from the 10th to the 90th percentile.
    `picture_ms`: median of played minus flash: how late the click was after the flash, not part
    of the offset. `residual_us`: of the sound's clock line. `truth_ms`: what was simulated.
    """

    created_at: str
    simulated: bool
    clicks: int
    heard: int
    offset_ms: float
    spread_ms: float
    picture_ms: float
    residual_us: float
    rate_hz: int
    software: dict[str, str]
    truth_ms: float | None = None
    not_measured: str = "the display's own lag between flip and light"


def heard_clicks(
    clicks: Sequence[Click], blocks: Sequence[SoundBlock], rate_hz: int
) -> tuple[list[Click], float]:
    """Find each click in the recording; return the clicks with their times, and the residual.

    Raises
    ------
    GazekitError
        Nothing was recorded.
    """
    line = fit_sound(_table(blocks), rate_hz) if blocks else None
    if line is None:
        raise GazekitError(
            "the microphone recorded nothing",
            where="sync-test",
            remedy="check it with: capture doctor",
        )
    sound = np.concatenate([block.frames[:, 0] for block in blocks]).astype(np.float64)
    noise = float(np.median(np.abs(sound)))
    found = [
        msgspec.structs.replace(click, heard_us=_onset_us(sound, line, click.played_us, noise))
        for click in clicks
    ]
    return found, line.residual_us


def _onset_us(
    sound: NDArray[np.float64], line: SoundLine, played_us: int, noise: float
) -> int | None:
    """Return when the sound rises around a click; None where it stays within the noise."""
    ends = (
        round((played_us + shift - line.onset_us) / _S * line.rate_hz)
        for shift in (-_BEFORE_US, _AFTER_US)
    )
    first, last = (min(max(end, 0), sound.size) for end in ends)
    loud = np.abs(sound[first:last])
    peak = float(loud.max(initial=0.0))
    if peak <= _ABOVE_NOISE * max(noise, 1.0):
        return None
    rise = first + int(np.argmax(loud > max(_OF_PEAK * peak, _ABOVE_NOISE * noise)))
    return line.onset_us + round(rise / line.rate_hz * _S)


def _table(blocks: Sequence[SoundBlock]) -> pa.Table:
    counts = [block.frames.shape[0] for block in blocks]
    columns = {
        "first_frame": [0, *np.cumsum(counts)[:-1].tolist()],
        "n_frames": counts,
        "adc_time_s": [block.adc_time_s for block in blocks],
        "driver_time_s": [block.driver_time_s for block in blocks],
        "received_us": [block.received_us for block in blocks],
        "overflowed": [block.overflowed for block in blocks],
    }
    return pa.table(columns, schema=schema_of("audio_blocks"))


def summarise(
    clicks: Sequence[Click],
    *,
    created_at: str,
    simulated: bool,
    rate_hz: int,
    residual_us: float,
    software: dict[str, str],
    truth_ms: float | None,
) -> SyncResult:
    """Make the result of the clicks that were heard.

    Raises
    ------
    GazekitError
        Too few were heard to believe the rest.
    """
    late = [(c.heard_us - c.played_us) / 1000 for c in clicks if c.heard_us is not None]
    if len(late) < max(3, _LEAST_SHARE * len(clicks)):
        raise GazekitError(
            "too few clicks were heard",
            where="sync-test",
            expected=f"{max(3, round(_LEAST_SHARE * len(clicks)))} of {len(clicks)}",
            found=len(late),
            remedy="put the microphone before the speaker, turn it up, and be quiet",
        )
    low, high = np.percentile(late, [10, 90])
    return SyncResult(
        created_at=created_at,
        simulated=simulated,
        clicks=len(clicks),
        heard=len(late),
        offset_ms=round(float(np.median(late)), 3),
        spread_ms=round(float(high - low) / 2, 3),
        picture_ms=round(float(np.median([(c.played_us - c.flash_us) / 1000 for c in clicks])), 3),
        residual_us=round(residual_us, 1),
        rate_hz=rate_hz,
        software=software,
        truth_ms=truth_ms,
    )
