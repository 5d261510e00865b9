"""What is marked along the time bar? Sentences, lost gaze, events and changes of the view."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from gazekit.model.records import Event, ViewState
from gazekit.report.colour import step_colour
from gazekit.report.replay.recording import (
    BLINK,
    MISSING,
    SEEN,
    GazeSamples,
    Lane,
    Mark,
    Said,
)

__all__ = ["event_lane", "loss_lane", "sentence_lane", "view_lane"]

_LEAST_LOSS_US = 40_000
_TOGETHER_US = 250_000
_SAME = 1e-6
_WORDS = {MISSING: "no gaze", BLINK: "blink"}
_QUIET, _ALARM = 6, 4


def sentence_lane(sentences: Iterable[Said], steps: Sequence[str]) -> Lane:
    """Mark the sentences that have a time, in the colours of their steps."""
    marks = [
        Mark(one.onset_us, one.offset_us, one.text, step_colour(one.step, steps))
        for one in sentences
        if one.onset_us is not None
    ]
    return Lane("sentences", "Sentences", tuple(marks))


def loss_lane(samples: GazeSamples) -> Lane:
    """Mark blinks, and what else is lost for at least 40 ms."""
    bounds = np.flatnonzero(np.diff(samples.state)) + 1
    marks = []
    for first, end in zip([0, *bounds], [*bounds, samples.state.size], strict=True):
        if first == end or samples.state[first] == SEEN:
            continue
        onset = int(samples.time_us[first])
        offset = int(samples.time_us[min(end, samples.time_us.size - 1)])
        state = int(samples.state[first])
        if state == BLINK or offset - onset >= _LEAST_LOSS_US:
            marks.append(Mark(onset, offset, _WORDS[state], _QUIET if state == BLINK else _ALARM))
    return Lane("loss", "Gaze lost", tuple(marks))


def event_lane(events: Iterable[Event], origin_us: int) -> Lane:
    """Mark what happened, with what is known of it."""
    marks = [
        Mark(
            event.time_us - origin_us,
            None if event.duration_us is None else event.time_us - origin_us + event.duration_us,
            _told(event),
        )
        for event in events
    ]
    return Lane("events", "Events", tuple(marks))


def view_lane(states: Sequence[ViewState], origin_us: int) -> Lane:
    """Mark each change of the view by what changed; those of one movement are one mark."""
    marks: list[Mark] = []
    for before, after in pairwise(states):
        text, at = _change(before, after), after.time_us - origin_us
        last = marks[-1] if marks else None
        if last and last.text == text and at - (last.offset_us or last.onset_us) <= _TOGETHER_US:
            marks[-1] = Mark(last.onset_us, at, text, last.colour)
        elif text:
            marks.append(Mark(at, None, text, 0))
    return Lane("views", "Views", tuple(marks))


def _told(event: Event) -> str:
    more = [f"{name} {value}" for name, value in event.value.items() if value is not None]
    return ", ".join([event.kind.replace("_", " "), *more])


def _change(before: ViewState, after: ViewState) -> str:
    if after.image_id is None:
        return "" if before.image_id is None else "no image"
    if after.image_id != before.image_id:
        return f"image {after.image_id}"
    said = []
    old, new = before.image_to_screen, after.image_to_screen
    if old is not None and new is not None:
        if abs(new[0] - old[0]) > _SAME or abs(new[4] - old[4]) > _SAME:
            said.append("zoom")
        elif old != new:
            said.append("pan")
    if (before.window_low, before.window_high) != (after.window_low, after.window_high):
        said.append("grey window")
    if before.inverted != after.inverted:
        said.append("inverted")
    return " and ".join(said) or (after.cause or "").replace("_", " ")
