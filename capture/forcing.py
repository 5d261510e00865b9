"""When must the tracker be calibrated anew, and when is a break due?"""

from gazekit.model.protocol import Protocol

__all__ = ["Forcing"]

_MINUTE_US = 60_000_000
_SECOND_US = 1_000_000


class Forcing:
    """Counts readings and time since the last calibration and the last break."""

    def __init__(self, protocol: Protocol, now_us: int) -> None:
        self._calibration, self._session = protocol.calibration, protocol.session
        self._calibrated_us = self._rested_us = now_us
        self._read_since_calibration = self._read_since_break = 0

    def read(self) -> None:
        """Count a reading."""
        self._read_since_calibration += 1
        self._read_since_break += 1

    def calibrated(self, now_us: int) -> None:
        """Say that the tracker was calibrated now."""
        self._calibrated_us, self._read_since_calibration = now_us, 0

    def rested(self, now_us: int) -> None:
        """Say that a break ended now."""
        self._rested_us, self._read_since_break = now_us, 0

    def why_calibrate(self, now_us: int, away_us: int) -> str | None:
        """Return why the protocol wants a calibration now, None where it does not.

        Parameters
        ----------
        away_us
            The longest time in which no eye was seen in the tracker's box in the last reading.
        """
        plan = self._calibration
        readings = self._read_since_calibration
        if plan.every_readings and readings >= plan.every_readings:
            return f"{readings} readings since the last"
        minutes = (now_us - self._calibrated_us) / _MINUTE_US
        if plan.every_minutes is not None and readings and minutes >= plan.every_minutes:
            return f"{minutes:.0f} minutes since the last"
        away_s = away_us / _SECOND_US
        if plan.out_of_box_s and readings and away_s > plan.out_of_box_s:
            return f"the head was out of the tracker's box for {away_s:.1f} s"
        return None

    def break_due(self, now_us: int) -> bool:
        """Say whether the protocol plans a break now."""
        plan, readings = self._session, self._read_since_break
        if plan.break_every_readings and readings >= plan.break_every_readings:
            return True
        minutes = (now_us - self._rested_us) / _MINUTE_US
        return bool(
            plan.break_every_minutes is not None
            and readings
            and minutes >= plan.break_every_minutes
        )
