"""What can be set of the simulated tracker, and how is it said on the command line?"""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from gazekit.model.errors import UsageError, did_you_mean

__all__ = ["SimPlan", "parse_sim"]

_Rate = Annotated[float, msgspec.Meta(ge=10, le=2000)]
_Degrees = Annotated[float, msgspec.Meta(ge=0, le=20)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Amount = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
_Ppm = Annotated[float, msgspec.Meta(ge=-1000, le=1000)]


class SimPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The simulated tracker; seconds count from its start, on the session clock.

    `rate_hz`: samples a second. `offset_deg`: each eye's constant error, also on calibration
    targets. `noise_deg`: RMS of sample to sample. `loss`: share of time without both eyes.
    `blinks_per_min`: beside the reader's own. `drift_deg_per_min`: the gaze moves away rightward.
    `clock_ppm`: drift of its clock; drawn from the seed where None. `disconnect_s`,
    `disconnect_for_s`: when the connection is lost, and for how long. `overflow_s`,
    `overflow_for_s`: when its buffer overflows, and how much is lost. `signal_every_s`: an
    external signal, so often; 0 for none.
    """

    rate_hz: _Rate = 300.0
    offset_deg: _Degrees = 0.25
    noise_deg: _Degrees = 0.10
    loss: _Share = 0.01
    blinks_per_min: _Amount = 0.0
    drift_deg_per_min: _Degrees = 0.0
    clock_ppm: _Ppm | None = None
    disconnect_s: _Amount | None = None
    disconnect_for_s: _Amount = 2.0
    overflow_s: _Amount | None = None
    overflow_for_s: _Amount = 0.05
    signal_every_s: _Amount = 0.0

    @property
    def gaps_us(self) -> tuple[tuple[int, int, str], ...]:
        """From, until (after the start) and kind of what is not delivered, in time order."""
        gaps = []
        for at_s, for_s, kind in (
            (self.disconnect_s, self.disconnect_for_s, "connection_lost"),
            (self.overflow_s, self.overflow_for_s, "stream_buffer_overflow"),
        ):
            if at_s is not None:
                gaps.append((round(at_s * 1e6), round((at_s + for_s) * 1e6), kind))
        return tuple(sorted(gaps))


def parse_sim(settings: Iterable[str]) -> SimPlan:
    """Make the plan of ``KEY=VALUE`` settings.

    Raises
    ------
    UsageError
        A setting is none, its key is unknown, or its value is out of range.
    """
    given: dict[str, str] = {}
    known = SimPlan.__struct_fields__
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or key not in known:
            remedy = did_you_mean(key, known) or f"known keys: {', '.join(known)}"
            raise UsageError(
                "no such setting of the simulated tracker",
                where="--sim",
                expected="KEY=VALUE",
                found=repr(setting),
                remedy=remedy,
            )
        given[key] = value
    try:
        return msgspec.convert(given, SimPlan, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"a value is wrong: {error}", where="--sim") from error
