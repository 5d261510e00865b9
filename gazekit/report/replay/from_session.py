"""What is there to play of one reading of a raw session folder?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from gazekit.align import image_fixations, split_sentences, step_of
from gazekit.align.fixations import FixationTable
from gazekit.clean import Gaze, clean_samples, detect
from gazekit.model.errors import DataError
from gazekit.model.geometry import ViewTrack
from gazekit.model.records import ViewState
from gazekit.read import ReadingInput, SessionSource
from gazekit.report.replay.choose import chosen
from gazekit.report.replay.lanes import event_lane, loss_lane, sentence_lane, view_lane
from gazekit.report.replay.recording import (
    BLINK,
    MISSING,
    NO_IMAGE,
    SEEN,
    Fixation,
    Found,
    GazeSamples,
    Lane,
    Picture,
    Recording,
    Said,
    SaidWord,
    Shown,
    box_of,
)
from gazekit.report.replay.sound import sounds_of_input

__all__ = ["recording_of_session"]

_DETECTOR = "tobii_ivt"


def recording_of_session(
    root: Path, reading: str | None = None, *, sound: bool = False
) -> Recording:
    """Read one reading of a session folder; its fixations are found with the usual settings.

    Parameters
    ----------
    root
        The session folder.
    reading
        Id of the reading, or its place in the session from 0; None where there is only one.
    sound
        Take what was heard along.

    Raises
    ------
    DataError
        There is no closed, sound session; or sound is asked for, and there is none.
    UsageError
        No such reading, or more than one to choose from.
    """
    source = SessionSource(root)
    catalogue = source.catalogue()
    if catalogue.excluded:
        raise DataError(catalogue.excluded[0].detail)
    name = chosen([one.reading_id for one in catalogue.readings], reading, where=root.name)
    found = next(source.load([name], catalogue))
    recording = _recording(found)
    if not sound:
        return recording
    return replace(recording, sounds=sounds_of_input(found, end_us=_end_us(found)))


def _recording(source: ReadingInput) -> Recording:
    origin = source.reading.onset_us
    gaze = clean_samples(source.samples, source.screen) if source.samples.num_rows else None
    samples = None if gaze is None else _samples(source, gaze)
    sentences = _sentences(source)
    return Recording(
        reading_id=source.reading.reading_id,
        reader_id=source.reading.reader_id,
        duration_us=_end_us(source) - origin,
        pictures=tuple(_picture(source, i) for i in range(len(source.images))),
        shown=tuple(_shown(source, state) for state in source.views),
        screen_px=(source.screen.width_px, source.screen.height_px),
        fixations=() if gaze is None else _fixations(source, gaze),
        sentences=sentences,
        findings=_findings(source),
        steps={step.code: step.name for step in source.steps},
        lanes=_lanes(source, sentences, samples),
        simulated=source.simulated,
        samples=samples,
        notes=_notes(source),
    )


def _lanes(
    source: ReadingInput, sentences: Sequence[Said], samples: GazeSamples | None
) -> tuple[Lane, ...]:
    origin = source.reading.onset_us
    return (
        sentence_lane(sentences, [step.code for step in source.steps]),
        *(() if samples is None else (loss_lane(samples),)),
        view_lane(source.views, origin),
        event_lane(source.events, origin),
    )


def _end_us(source: ReadingInput) -> int:
    if source.reading.offset_us is not None:
        return source.reading.offset_us
    times = source.samples.column("time_us")
    return int(times[-1].as_py()) if len(times) else source.reading.onset_us + 1


def _picture(source: ReadingInput, index: int) -> Picture:
    image = source.images[index]
    record = image.record
    return Picture(record.image_id, record.width_px, record.height_px, image.load().to_uint8())


def _image_index(source: ReadingInput, image_id: str | None) -> int:
    names = [image.record.image_id for image in source.images]
    return names.index(image_id) if image_id in names else NO_IMAGE


def _shown(source: ReadingInput, state: ViewState) -> Shown:
    image = _image_index(source, state.image_id) if state.image_to_screen else NO_IMAGE
    at_us = max(0, state.time_us - source.reading.onset_us)
    return Shown(at_us, image, state.image_to_screen, state.clip_px)


def _samples(source: ReadingInput, gaze: Gaze) -> GazeSamples:
    views = ViewTrack(source.views)
    x, y, index = views.to_image(gaze.time_us, gaze.x_px, gaze.y_px)
    places = [_shown(source, state).image for state in source.views]
    image = np.array([*places, NO_IMAGE], np.int16)[index]
    state = np.where(gaze.filled | ~np.isfinite(x), MISSING, SEEN).astype(np.uint8)
    for gap in gaze.gaps:
        if gap.cause == "blink":
            state[(gaze.time_us > gap.onset_us) & (gaze.time_us < gap.offset_us)] = BLINK
    seen = state == SEEN
    return GazeSamples(
        time_us=gaze.time_us - source.reading.onset_us,
        x_px=np.where(seen, x, np.nan),
        y_px=np.where(seen, y, np.nan),
        state=state,
        image=image,
    )


def _fixations(source: ReadingInput, gaze: Gaze) -> tuple[Fixation, ...]:
    events: pa.Table = detect(gaze, source.screen, detector=_DETECTOR, params={})
    found = image_fixations(
        events,
        gaze,
        views=ViewTrack(source.views),
        screen=source.screen,
        images=[image.record for image in source.images],
    )
    origin = source.reading.onset_us
    return tuple(_fixation(found, i, origin) for i in range(len(found)))


def _fixation(found: FixationTable, i: int, origin_us: int) -> Fixation:
    places = (found.x_px[i], found.y_px[i], found.sigma_x_px[i], found.sigma_y_px[i])
    x, y, sigma_x, sigma_y = (float(v) if np.isfinite(v) else None for v in places)
    return Fixation(
        onset_us=int(found.onset_us[i]) - origin_us,
        offset_us=int(found.offset_us[i]) - origin_us,
        x_px=x,
        y_px=y,
        sigma_x_px=sigma_x,
        sigma_y_px=sigma_y,
        image=int(found.image_index[i]),
    )


def _sentences(source: ReadingInput) -> tuple[Said, ...]:
    origin = source.reading.onset_us

    def at(time_us: int | None) -> int | None:
        return None if time_us is None else time_us - origin

    return tuple(
        Said(
            text=one.text,
            step=step_of(one.text, source.steps),
            onset_us=at(one.onset_us),
            offset_us=at(one.offset_us),
            words=tuple(SaidWord(w.text, at(w.onset_us), at(w.offset_us)) for w in one.words),
        )
        for one in split_sentences(source.words)
    )


def _findings(source: ReadingInput) -> tuple[Found, ...]:
    return tuple(
        Found(
            label=one.label,
            assertion=one.assertion,
            origin=one.origin,
            shape=one.shape,
            box_px=box_of([one.x0_px, one.y0_px, one.x1_px, one.y1_px]),
            image=0 if one.image_id is None else _image_index(source, one.image_id),
            certainty=one.certainty,
        )
        for one in source.findings
    )


def _notes(source: ReadingInput) -> tuple[str, ...]:
    notes = []
    if source.reading.outcome != "complete":
        notes.append(f"The reading was not completed: {source.reading.outcome}.")
    windows = {(s.window_low, s.window_high, s.inverted) for s in source.views if s.image_id}
    if len(windows) > len(source.images):
        notes.append(
            "The reader changed the grey window. The image is shown in its own; the changes are "
            "marked under the time bar."
        )
    return tuple(notes)
