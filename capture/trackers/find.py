"""Which eye tracker is here? Real ones only: a simulated one is never a substitute."""

from collections.abc import Callable

from capture.trackers.base import Tracker
from capture.trackers.stand_in import is_stand_in
from gazekit.model.errors import UnfitError, UsageError, did_you_mean

__all__ = ["TRACKERS", "check_tracker", "find_tracker"]

TRACKERS = ("auto", "titta", "tobii", "simulated", "mouse", "replay:PATH")

_CONNECT = (
    "connect the tracker, switch it on, and check it with Tobii's Eye Tracker Manager; "
    "for a trial without one give --tracker simulated"
)

_INSTALL = {
    "auto": "type: pip install 'gazekit[capture]'; for a trial give --tracker simulated",
    "tobii": "tobii-research exists for Python 3.10 only; on others give --tracker titta",
}


def check_tracker(name: str) -> None:
    """Refuse what is no kind of tracker, before anything is looked for.

    Raises
    ------
    UsageError
        There is no such kind of tracker.
    """
    if name not in {"auto", "titta", "tobii"} and not is_stand_in(name):
        raise _unknown(name)


def _unknown(name: str) -> UsageError:
    remedy = did_you_mean(name, TRACKERS) or f"known trackers: {', '.join(TRACKERS)}"
    return UsageError("no such tracker", where="--tracker", found=repr(name), remedy=remedy)


def find_tracker(name: str) -> Tracker:
    """Return the first real tracker that answers to `name` (``auto``, ``titta`` or ``tobii``).

    ``auto`` asks TittaPy first (it carries both generations of the SDK), then tobii-research.

    Raises
    ------
    UsageError
        There is no such kind of tracker.
    UnfitError
        The vendor's package is not installed, or no device answers.
    """
    kinds: dict[str, tuple[Callable[[], Tracker | None], ...]] = {
        "auto": (_titta, _tobii),
        "titta": (_titta,),
        "tobii": (_tobii,),
    }
    if name not in kinds:
        raise _unknown(name)
    missing = []
    for find in kinds[name]:
        try:
            tracker = find()
        except ImportError as error:
            missing.append(error.name or str(error))
            continue
        if tracker is not None:
            return tracker
    if len(missing) == len(kinds[name]):
        raise UnfitError(
            "the tracker's package is not installed",
            where=f"--tracker {name}",
            expected=" or ".join(missing),
            remedy=_INSTALL.get(name, _INSTALL["auto"]),
        )
    raise UnfitError("no eye tracker answers", where=f"--tracker {name}", remedy=_CONNECT)


def _titta() -> Tracker | None:
    from capture.trackers.titta import find

    return find()


def _tobii() -> Tracker | None:
    from capture.trackers.tobii import find

    return find()
