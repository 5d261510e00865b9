"""What does a raw session hold to draw of one of its readings? Cleaned and detected as in a build.

::

    samples --> clean --> detect --> fixations on the image
    words --> sentences --> steps
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gazekit.align import image_fixations, split_sentences, step_of
from gazekit.align.fixations import FixationTable, image_of_states
from gazekit.clean import Gaze, clean_samples, detect
from gazekit.model.errors import DataError
from gazekit.model.geometry import ViewTrack
from gazekit.read import ReadingInput, SessionSource, in_display_px
from gazekit.report.figures.drawn import Drawn, Fixations, Samples, SentenceSpan
from gazekit.report.figures.of_dataset import DEFAULT_DETECTOR, chosen_row, saccades_of

__all__ = ["drawn_of_session"]


def drawn_of_session(root: Path, row: str, *, detector: str | None = None) -> Drawn:
    """Gather what is drawn of a reading, on its first image.

    Parameters
    ----------
    root
        A closed session's folder.
    row
        The reading's id, or its number from 0.
    detector
        Finds fixations and saccades, with its paper's parameters; a build's default where None.

    Raises
    ------
    UsageError
        No such reading or detector.
    DataError
        The session is not closed, or damaged.
    """
    source = SessionSource(root)
    catalogue = source.catalogue()
    if catalogue.excluded:
        raise DataError(catalogue.excluded[0].detail)
    names = [reading.reading_id for reading in catalogue.readings]
    name = chosen_row(names, row, where=root.name)
    reading = in_display_px(next(source.load([name], catalogue)))
    gaze = clean_samples(reading.samples, reading.screen)
    chosen = detector or DEFAULT_DETECTOR
    record = reading.image.record
    return Drawn(
        name=name,
        simulated=reading.simulated,
        pixels=reading.image.load().to_uint8(),
        image_size=(float(record.width_px), float(record.height_px)),
        duration_us=_duration_us(reading, gaze),
        fixations=_fixations(reading, gaze, chosen),
        sentences=_sentences(reading),
        samples=lambda: _samples(reading, gaze),
        saccades=lambda: saccades_of(gaze, reading.screen, detector=chosen, params={}),
        has_samples=True,
        steps={step.code: step.name for step in reading.steps},
    )


def _duration_us(reading: ReadingInput, gaze: Gaze) -> int:
    end = reading.reading.offset_us
    if end is None:
        end = int(gaze.time_us[-1]) if gaze.time_us.size else reading.reading.onset_us
    return end - reading.reading.onset_us


def _fixations(reading: ReadingInput, gaze: Gaze, detector: str) -> Fixations:
    table = image_fixations(
        detect(gaze, reading.screen, detector=detector, params={}),
        gaze,
        views=ViewTrack(reading.views),
        screen=reading.screen,
        images=[image.record for image in reading.images],
    )
    on = np.isfinite(table.x_px) & (table.image_index == 0)

    def column(name: str) -> NDArray[np.float64]:
        values: NDArray[np.float64] = getattr(table, name)[on].astype(np.float64)
        return values

    return Fixations(
        onset_us=column("onset_us") - reading.reading.onset_us,
        duration_us=_lasting(table)[on],
        x_px=column("x_px"),
        y_px=column("y_px"),
        sigma_x_px=column("sigma_x_px"),
        sigma_y_px=column("sigma_y_px"),
    )


def _lasting(table: FixationTable) -> NDArray[np.float64]:
    return (table.offset_us - table.onset_us).astype(np.float64)


def _samples(reading: ReadingInput, gaze: Gaze) -> Samples:
    views = ViewTrack(reading.views)
    x, y, index = views.to_image(gaze.time_us, gaze.x_px, gaze.y_px)
    records = [image.record for image in reading.images]
    first = image_of_states(views.states, records)[index] == 0
    return Samples(
        time_us=gaze.time_us - reading.reading.onset_us,
        x_px=np.where(first, x, np.nan),
        y_px=np.where(first, y, np.nan),
    )


def _sentences(reading: ReadingInput) -> tuple[SentenceSpan, ...]:
    start = reading.reading.onset_us
    return tuple(
        SentenceSpan(
            text=one.text,
            step=step_of(one.text, reading.steps),
            onset_us=None if one.onset_us is None else one.onset_us - start,
            offset_us=None if one.offset_us is None else one.offset_us - start,
        )
        for one in split_sentences(reading.words)
    )
