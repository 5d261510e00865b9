"""What is the reader asked after a reading? The report's text, confidence, marks; by protocol.

::

    image gone --> editor: text, confidence --> marks on the image --> next reading
                     `-- reports.jsonl             `-- annotations.jsonl
"""

import dataclasses

import numpy as np

from capture.drafting import Drafter
from capture.editor import Draft, EditorPage, lay_out, letter_height_px
from capture.form import Form
from capture.marks_step import mark_findings
from capture.reading import Reading
from capture.scene import Panel
from capture.station import Station
from capture.typed import TypedText
from gazekit.model.dictation import ReportOrigin, ReportRecord
from gazekit.model.spoken import latest_reports
from gazekit.model.stream import JsonLinesWriter

__all__ = ["afterwards"]

_SECOND_US = 1_000_000
_SAVE_US = 4 * _SECOND_US
_GLANCE_S = 0.4


def afterwards(station: Station, reading: Reading) -> None:
    """Ask what the protocol asks after a reading; a simulated reader answers by its plan.

    Raises
    ------
    Aborted, GazekitError
        The session ends; what was typed until then is kept.
    """
    plan = station.protocol.dictation
    if not station.protocol.reading.dictation:
        return
    if plan.transcript:
        _report(station, reading)
    if plan.marks:
        mark_findings(station, reading)


class _Revisions:
    """Writes the revisions of one reading's report; each is on disk when `save` returns."""

    def __init__(self, station: Station, reading_id: str) -> None:
        self._layout = station.writer.layout
        self._reading_id = reading_id
        known = latest_reports(self._layout.root).get(reading_id)
        self._next = 0 if known is None else known.revision + 1
        self._last = "" if known is None else known.text

    def save(
        self,
        text: str,
        origin: ReportOrigin,
        *,
        engine: str | None = None,
        confidence: int | None = None,
        final: bool = False,
    ) -> None:
        """Write a revision, where the text is another than the last or it is `final`."""
        if text == self._last and not final:
            return
        record = ReportRecord(
            reading_id=self._reading_id,
            text=text,
            origin=origin,
            revision=self._next,
            engine=engine,
            confidence=confidence,
        )
        with JsonLinesWriter(self._layout.reports) as writer:
            writer.append(record)
        self._next, self._last = self._next + 1, text


def _report(station: Station, reading: Reading) -> None:
    revisions = _Revisions(station, reading.reading_id)
    form = Form(station.stage.viewer.area_px)
    page = EditorPage(
        form=form,
        title=_title(reading),
        letter_px=station.stage.viewer.letter_px(letter_height_px(form)),
        ask_confidence=station.protocol.dictation.confidence,
        drafts=station.drafter is not None and reading.plan is None,
    )
    onset_us = station.clock.now_us()
    if reading.plan is not None:
        confidence = _simulated_confidence(station, reading) if page.ask_confidence else None
        draft = Draft(TypedText.of(reading.plan.report), confidence)
        station.hold(Panel(lay_out(page, draft)), _GLANCE_S)
        revisions.save(draft.typed.text, "simulated", confidence=confidence, final=True)
    else:
        _Editing(station, page, revisions).go(station.drafter, reading.reading_id)
    length_us = station.clock.now_us() - onset_us
    station.mark("report", onset_us, duration_us=length_us, reading_id=reading.reading_id)


def _title(reading: Reading) -> str:
    if reading.practice:
        return "Report of the practice reading"
    return f"Report of reading {reading.order + 1} of {reading.count}"


class _Editing:
    """The editor while somebody types: what is on the page, and what it came from."""

    def __init__(self, station: Station, page: EditorPage, revisions: _Revisions) -> None:
        self._station, self._page, self._revisions = station, page, revisions
        self._origin: ReportOrigin = "typed"
        self._engine: str | None = None
        self.draft = Draft(TypedText.of(""))

    def go(self, drafter: Drafter | None, reading_id: str) -> None:
        """Let the reader type until the text is accepted; every few seconds it is kept."""
        try:
            self._type(drafter, reading_id)
        finally:
            # Whatever ends the session here, the last words are kept, too.
            self._save(final=self.draft.accepted)

    def _type(self, drafter: Drafter | None, reading_id: str) -> None:
        saved_us = self._station.clock.now_us()
        while not self.draft.accepted:
            now_us, acts = self._station.frame(Panel(lay_out(self._page, self.draft)))
            for act in acts:
                if drafter is not None and self._page.wants_draft(self.draft, act):
                    self._take_draft(drafter, reading_id)
                else:
                    self.draft = self._page.after(self.draft, act)
            if now_us - saved_us >= _SAVE_US:
                self._save()
                saved_us = now_us

    def _take_draft(self, drafter: Drafter, reading_id: str) -> None:
        """Put a draft onto the page in place of what is there, which stays an earlier revision."""
        self._save()
        drafting = drafter.begin(self._station.writer.layout, reading_id)
        waiting = dataclasses.replace(self.draft, remark="The sound is being written down ...")
        try:
            while (text := drafting.poll()) is None:
                self._station.frame(Panel(lay_out(self._page, waiting)))
        finally:
            drafting.stop()
        if text:
            self._revisions.save(text, "draft", engine=drafter.engine)
            self._origin, self._engine = "edited", drafter.engine
            self.draft = dataclasses.replace(self.draft, typed=TypedText.of(text), first_row=0)
        self.draft = dataclasses.replace(self.draft, remark=drafting.remark)

    def _save(self, *, final: bool = False) -> None:
        self._revisions.save(
            self.draft.typed.text,
            self._origin,
            engine=self._engine,
            confidence=self.draft.confidence,
            final=final,
        )


def _simulated_confidence(station: Station, reading: Reading) -> int:
    return int(np.random.default_rng([station.seed, reading.order]).integers(3, 6))
