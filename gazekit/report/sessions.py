"""Which of several sittings are good, and what is to be redone: one page, and a page for each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gazekit.model.errors import DataError, GazekitError, UsageError
from gazekit.report.page import Page, Tile, number, section, tiles
from gazekit.report.raw import RawSession, open_raw_session
from gazekit.report.session import session_page
from gazekit.report.session_quality import verdict_of
from gazekit.report.table import ABSENT, Cell, Column, table

__all__ = ["SessionsReport", "write_sessions_report"]

_NAME = "sessions.html"
_MOST_NAMED = 5
_COLUMNS = (
    Column("Session"),
    Column("Reader"),
    Column("Recorded at"),
    Column("Verdict", meaning="against the limits of the session's own protocol"),
    Column("Complete", meaning="readings that were finished"),
    Column("Data loss", "%", numeric=True, meaning="share of samples with no valid eye"),
    Column("Largest gap", "s", numeric=True, meaning="longest run without valid gaze"),
    Column("Accuracy", "deg", numeric=True, meaning="last accepted validation"),
    Column("What to redo"),
)


@dataclass(frozen=True)
class SessionsReport:
    """The page that was written, and the sessions that could not be read, each with why."""

    page: Path
    unread: tuple[GazekitError, ...]


@dataclass(frozen=True)
class _Line:
    cells: tuple[Cell, ...]
    good: bool
    simulated: bool = False
    error: GazekitError | None = None


def write_sessions_report(sessions: Sequence[str | Path], folder: str | Path) -> SessionsReport:
    """Write a page for each session, and ``sessions.html``, which leads to them.

    Gaze is raw, and each session is judged by the limits of its own protocol.

    Parameters
    ----------
    sessions
        Folders of sessions; nothing is written into them. One that cannot be read has a line
        that says why.
    folder
        Where the pages go; made where it is missing.

    Raises
    ------
    UsageError
        Two sessions have one name.
    DataError
        None of them can be read: then there is no page.
    """
    roots = [Path(one).resolve() for one in sessions]
    _refuse_twins(roots)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    lines = [_line(root, target) for root in roots]
    if all(line.error is not None for line in lines):
        raise DataError(
            "none of these sessions can be read",
            where=", ".join(root.name for root in roots[:_MOST_NAMED]),
            remedy="what is wrong with one is said by: capture report SESSION",
        )
    good = sum(line.good for line in lines)
    readers = len({line.cells[1].text for line in lines if line.error is None})
    headline = [
        Tile(
            f"{good:,} of {len(lines):,}",
            "sessions with nothing to redo",
            tone="good" if good == len(lines) else "warn",
        ),
        Tile(number(readers), "readers"),
    ]
    listed = table(
        _COLUMNS,
        [line.cells for line in lines],
        caption="Each session by the limits of its own protocol; its name leads to its page.",
    )
    page = Page(
        kind="Report of sessions",
        title=f"{len(lines):,} sessions",
        sections=(section("Sessions", tiles(headline), listed),),
        simulated="readers and trackers of some sessions were simulated"
        if any(line.simulated for line in lines)
        else None,
        foot="Raw gaze: samples as the tracker gave them, not fixations. Nothing was filtered.",
    )
    unread = tuple(line.error for line in lines if line.error is not None)
    return SessionsReport(page.write(target / _NAME), unread)


def _refuse_twins(roots: Sequence[Path]) -> None:
    for name, count in Counter(root.name for root in roots).items():
        if count > 1:
            raise UsageError(
                "two sessions have one name, which their pages would share",
                where=name,
                expected="a name each",
                found=f"{count} folders",
                remedy="name each session once, or report them into two folders",
            )


def _line(root: Path, folder: Path) -> _Line:
    try:
        session = open_raw_session(root)
        page = session_page(session).write(folder / f"{root.name}.html")
    except GazekitError as error:
        return _unread(root, error)
    except OSError as error:
        return _unread(root, DataError(error.strerror or "cannot be read", where=root.name))
    redo, made = _to_redo(session), session.record.created_at
    complete = sum(one.outcome == "complete" for one in session.readings)
    signal, accepted = session.signal, session.accepted
    accuracy = accepted.accuracy_deg if accepted else None
    gap_s = None if signal.largest_gap_us is None else signal.largest_gap_us / 1e6
    loss = None if signal.loss is None else signal.loss * 100
    cells = (
        Cell(root.name, target=quote(page.name)),
        Cell(session.record.reader.reader_id),
        Cell(made[:16].replace("T", " "), made),
        Cell("to redo in part", "1", "bad") if redo else Cell("within limits", "0", "good"),
        Cell(f"{complete} of {len(session.readings)}"),
        Cell(number(loss, 1), loss),
        Cell(number(gap_s, 2), gap_s),
        Cell(number(accuracy, 2), accuracy),
        Cell(_listed(redo)),
    )
    return _Line(cells, not redo, session.record.simulated or session.record.tracker.simulated)


def _unread(root: Path, error: GazekitError) -> _Line:
    blank = Cell(ABSENT, "", "quiet")
    first = (Cell(root.name), blank, blank, Cell("cannot be read", "2", "bad"))
    return _Line((*first, *([blank] * 4), Cell(str(error))), good=False, error=error)


def _to_redo(session: RawSession) -> list[str]:
    """Name what the protocol's limits do not allow; nothing where all is well."""
    found = []
    accepted, plan = session.accepted, session.calibration_plan
    if accepted is None or accepted.accuracy_deg is None:
        found.append("calibration: no validation was accepted")
    elif accepted.accuracy_deg > plan.marginal_accuracy_deg:
        found.append(f"calibration: beyond {plan.marginal_accuracy_deg:g} deg")
    if not session.readings:
        found.append("no reading was made")
    for reading in session.readings:
        verdict = verdict_of(session, reading)
        if reading.outcome != "complete":
            found.append(f"{reading.reading_id}: {reading.outcome}")
        elif verdict.tone == "bad":
            found.append(f"{reading.reading_id}: {verdict.text}")
    return found


def _listed(redo: Sequence[str]) -> str:
    if not redo:
        return "nothing"
    more = len(redo) - _MOST_NAMED
    return "; ".join([*redo[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])
