"""What time is it on the session clock?"""

import time

from gazekit.model.errors import UsageError

__all__ = ["SessionClock"]

_US = 1_000_000


class SessionClock:
    """The host's monotonic clock in microseconds; a simulated session may let it run faster.

    At speed 1 it is ``time.perf_counter_ns() // 1000``, which on Linux and Windows is also the
    clock of the Tobii SDK's system time stamps. Faster clocks start from the same moment.

    Parameters
    ----------
    speed
        Session seconds per second, more than 0.

    Raises
    ------
    UsageError
        `speed` is not positive and finite.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if not 0 < speed < float("inf"):
            raise UsageError("the speed must be positive", where="--speed", found=speed)
        self.speed = speed
        self._origin_ns = time.perf_counter_ns()

    def now_us(self) -> int:
        """Return the session time, int microseconds."""
        now_ns = time.perf_counter_ns()
        if self.speed == 1.0:
            return now_ns // 1000
        return (self._origin_ns + int((now_ns - self._origin_ns) * self.speed)) // 1000

    def wait_until_us(self, time_us: int) -> None:
        """Sleep until the session clock shows `time_us`; return at once where it has passed."""
        while (left_us := time_us - self.now_us()) > 0:
            time.sleep(left_us / _US / self.speed)
