"""What do the layers over a replay draw: findings and when they are named, gaze of sentences?

::

    {findings: [{label, assertion, certainty | null, shape | null, box: [x0, y0, x1, y1] | null,
                 image, named: [{onset_us, offset_us}]}],
     frames: [{at: index of sentence_onsets_us, image, fixations: as those of the recording}],
     steps: [{code, name, colour}],
     sentence_onsets_us: [...], heat_colours: [[red, green, blue]]}
"""

from collections.abc import Sequence

from gazekit.align import assertions_of, class_of
from gazekit.report.colour import HEAT, step_colour
from gazekit.report.replay.recording import Found, KeyFrame, Recording, Said
from gazekit.report.rows import Row

__all__ = ["layers_of", "named_at"]

_PLACES = ("x_px", "y_px", "sigma_x_px", "sigma_y_px")


def layers_of(recording: Recording) -> dict[str, object]:
    """Return what the scripts of the layers need beside the rest of the recording."""
    timed = _in_time(recording.sentences)
    return {
        "findings": [_finding(one, timed) for one in recording.findings],
        "frames": [_gaze(one, timed, recording) for one in recording.frames or ()],
        "steps": [
            {"code": code, "name": name, "colour": step_colour(code, tuple(recording.steps))}
            for code, name in recording.steps.items()
        ],
        "sentence_onsets_us": [one.onset_us for one in timed],
        "heat_colours": HEAT,
    }


def named_at(found: Found, sentences: Sequence[Said]) -> list[Said]:
    """Return the sentences with a time that name a finding, in order.

    A sentence names a finding when it says of the same class what the finding says, or when its
    labels hold it as present.
    """
    return [one for one in _in_time(sentences) if _meant(found) & _claims(one)]


def _finding(found: Found, sentences: Sequence[Said]) -> dict[str, object]:
    return {
        "label": found.label,
        "assertion": found.assertion,
        "certainty": found.certainty,
        "shape": found.shape,
        "box": found.box_px,
        "image": found.image,
        "named": [_times(one) for one in named_at(found, sentences)],
    }


def _gaze(frame: KeyFrame, timed: Sequence[Said], recording: Recording) -> dict[str, object]:
    """Return which of the timed sentences a key frame is of, and the fixations in it."""
    return {
        "at": timed.index(recording.sentences[frame.sentence]),
        "image": frame.image,
        "fixations": _fixations(frame.row),
    }


def _fixations(row: Row) -> list[dict[str, object]]:
    names = ("onset_us", "duration_us", *_PLACES)
    columns = [row[f"fixation_{name}"] for name in names]
    return [
        {"onset_us": onset, "offset_us": onset + lasts, **dict(zip(_PLACES, places, strict=True))}
        for onset, lasts, *places in zip(*columns, strict=True)
    ]


def _in_time(sentences: Sequence[Said]) -> list[Said]:
    timed = [(one.onset_us, one) for one in sentences if one.onset_us is not None]
    return [one for _, one in sorted(timed, key=lambda pair: pair[0])]


def _times(said: Said) -> dict[str, int | None]:
    return {"onset_us": said.onset_us, "offset_us": said.offset_us}


def _meant(found: Found) -> set[tuple[str, str]]:
    return {(name, found.assertion) for name in {found.label, class_of(found.label) or found.label}}


def _claims(said: Said) -> set[tuple[str, str]]:
    return {(label, "present") for label in said.labels} | set(assertions_of(said.text))
