"""How are the findings of a reading marked, image by image, so that none is lost?

::

    each mark, as it is let go --> marks.jsonl --(done)--> annotations.jsonl
                                       `-- what stands here holds where the session was cut
"""

import dataclasses

import msgspec
import numpy as np

from capture.form import Form
from capture.hands import action_of
from capture.images import SessionImage
from capture.marking import Marking, MarkingPage, image_part
from capture.marks import Mark, MarkBoard, findings_of
from capture.reading import Reading
from capture.scene import ImageShown
from capture.station import Station
from capture.viewer import InputAct
from gazekit.model.dictation import MarksRecord
from gazekit.model.records import FindingOrigin, FindingRecord
from gazekit.model.stream import JsonLinesWriter
from gazekit.model.viewport import Viewport
from gazekit.model.vocabulary import FINDING_LABELS

__all__ = ["mark_findings"]

_GLANCE_S = 0.4
_SIMULATED: FindingOrigin = "simulated"
_HUMAN: FindingOrigin = "human"


def mark_findings(station: Station, reading: Reading) -> None:
    """Let the reader mark the images of a reading; a simulated one marks by the phantom's truth."""
    onset_us = station.clock.now_us()
    if reading.plan is not None:
        found = _simulated(station, reading)
    else:
        found = _Marking(station, reading).go()
    for finding in found:
        station.writer.finding(finding)
    length_us = station.clock.now_us() - onset_us
    station.mark(
        "marks",
        onset_us,
        duration_us=length_us,
        reading_id=reading.reading_id,
        count=len(found),
    )
    station.writer.sync()


class _Marking:
    """The images of a reading before the hand that marks them; each keeps its marks and view."""

    def __init__(self, station: Station, reading: Reading) -> None:
        self._station, self._reading = station, reading
        self._page = _page(station)
        self._now = [_fresh(station, image) for image in reading.images]
        self._kept = JsonLinesWriter(station.writer.layout.marks)
        self._revision = 0
        self._saved: list[FindingRecord] = []
        self._index = 0

    def go(self) -> list[FindingRecord]:
        """Let the reader mark until done; every mark is on disk when it is let go."""
        self._show(0)
        try:
            while not self._done:
                _, acts = self._station.frame(self._scene(), cause="marks")
                for act in acts:
                    self._act(act)
                self._save()
        finally:
            self._save()
            self._kept.close()
        return self._findings()

    @property
    def _done(self) -> bool:
        return self._now[self._index].done

    def _scene(self) -> ImageShown:
        place = ""
        if len(self._now) > 1:
            keys = self._station.protocol.viewer.keys
            named = [names[0] for names in (keys.previous_image, keys.next_image) if names]
            place = f"image {self._index + 1} of {len(self._now)} ({'/'.join(named)})"
        return self._page.scene(self._now[self._index], place)

    def _act(self, act: InputAct) -> None:
        step = self._step(act)
        if step:
            self._show(min(max(self._index + step, 0), len(self._now) - 1))
            return
        now = self._page.after(self._now[self._index], act)
        self._now[self._index] = now
        if now.done:
            self._ask_for_what_is_missing()

    def _step(self, act: InputAct) -> int:
        if act.kind == "page":
            return -1 if act.dy > 0 else 1
        if act.kind != "key" or self._now[self._index].board.grip is not None:
            return 0
        steps = {"next_image": 1, "previous_image": -1}
        return steps.get(action_of(act.key, self._station.protocol.viewer.keys) or "", 0)

    def _show(self, index: int) -> None:
        """Show an image; what was chosen last for a mark goes along."""
        before, after = self._now[self._index].board, self._now[index]
        if index != self._index:
            board = dataclasses.replace(after.board, label=before.label, certainty=before.certainty)
            self._now[index] = dataclasses.replace(after, board=board)
        self._index = index
        self._station.stage.viewer.load(self._reading.images[index].display)

    def _ask_for_what_is_missing(self) -> None:
        """Go on where a mark on another image has no label or no certainty."""
        for index, now in enumerate(self._now):
            missing = now.board.missing
            if missing is not None:
                here = self._now[self._index]
                self._now[self._index] = dataclasses.replace(here, done=False)
                board = now.board.choose(missing)
                remark = "Choose what is marked, and how certain."
                self._now[index] = dataclasses.replace(now, board=board, remark=remark, done=False)
                self._show(index)
                return

    def _findings(self) -> list[FindingRecord]:
        """Return what is marked, but for what the hand still draws."""
        found = []
        for image, now in zip(self._reading.images, self._now, strict=True):
            grip = now.board.grip
            drawn = grip.index if grip is not None and grip.part == "new" else None
            marks = tuple(m for i, m in enumerate(now.board.marks) if i != drawn)
            found += _on_image(findings_of(marks, self._reading.reading_id, _HUMAN), image)
        return found

    def _save(self) -> None:
        """Keep the marks where they changed; while one is moved, its last place is kept."""
        if any(now.board.grip is not None for now in self._now):
            return
        found = self._findings()
        if found == self._saved:
            return
        record = MarksRecord(
            reading_id=self._reading.reading_id, revision=self._revision, findings=tuple(found)
        )
        self._kept.append(record)
        self._kept.sync()
        self._revision, self._saved = self._revision + 1, found


def _page(station: Station) -> MarkingPage:
    area, plan = station.stage.viewer.area_px, station.protocol.dictation
    return MarkingPage(Form(area), plan.labels or FINDING_LABELS, station.protocol.viewer)


def _fresh(station: Station, image: SessionImage) -> Marking:
    record = image.display.record
    view = Viewport.fit(record, image_part(station.stage.viewer.area_px))
    return Marking(MarkBoard(record.width_px, record.height_px), view)


def _on_image(findings: list[FindingRecord], image: SessionImage) -> list[FindingRecord]:
    image_id = image.display.record.image_id
    return [msgspec.structs.replace(finding, image_id=image_id) for finding in findings]


def _simulated(station: Station, reading: Reading) -> list[FindingRecord]:
    """Mark the phantom's findings on each image, each with the ellipse in its box."""
    page, found = _page(station), []
    rng = np.random.default_rng([station.seed, reading.order, 1])
    for image in reading.images:
        station.stage.viewer.load(image.display)
        marks = _true_marks(image, rng)
        now = _fresh(station, image)
        board = dataclasses.replace(now.board, marks=marks)
        station.hold(page.scene(dataclasses.replace(now, board=board)), _GLANCE_S)
        found += _on_image(findings_of(marks, reading.reading_id, _SIMULATED), image)
    return found


def _true_marks(image: SessionImage, rng: np.random.Generator) -> tuple[Mark, ...]:
    marks = []
    for finding in () if image.phantom is None else image.phantom.findings:
        box = (finding.x0_px, finding.y0_px, finding.x1_px, finding.y1_px)
        corners = [edge for edge in box if edge is not None]
        if len(corners) == len(box):
            x0, y0, x1, y1 = corners
            marks.append(Mark(x0, y0, x1, y1, finding.label, int(rng.integers(3, 6))))
    return tuple(marks)
