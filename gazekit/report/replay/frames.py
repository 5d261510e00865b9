"""Which key frames does a reading of a dataset have, and how do they stand on the page?"""

from collections.abc import Sequence

from markupsafe import Markup

from gazekit.report.markup import block
from gazekit.report.page import note
from gazekit.report.picture import thumbnail
from gazekit.report.reading import keyframe_caption, keyframe_picture
from gazekit.report.replay.recording import KeyFrame, Recording
from gazekit.report.rows import Row

__all__ = ["frame_strip", "keyframes_of"]

_SIDE_PX = 240


def keyframes_of(
    rows: Sequence[Row], sentences: Sequence[Row], image_ids: Sequence[str]
) -> tuple[KeyFrame, ...]:
    """Find the sentence and the image of each row of table ``keyframes``."""
    place = {one["sentence_id"]: index for index, one in enumerate(sentences)}
    return tuple(
        KeyFrame(place[row["sentence_id"]], image_ids.index(str(row["image_id"])), row)
        for row in rows
        if row["sentence_id"] in place and row["image_id"] in image_ids
    )


def frame_strip(recording: Recording) -> Markup:
    """Show the key frames in order, each a button that goes to its sentence."""
    if not recording.frames:
        return note(_without(recording))
    small = [thumbnail(one.pixels, max_px=_SIDE_PX) for one in recording.pictures]
    items = [
        {
            "picture": keyframe_picture(one.row, small[one.image]),
            "caption": keyframe_caption(one.row),
            "onset_us": one.row["onset_us"],
            "offset_us": one.row["offset_us"],
        }
        for one in recording.frames
    ]
    drawn = block("frames", items, template="replay_layers.html.j2")
    left = len(recording.sentences) - len({one.sentence for one in recording.frames})
    return drawn + note(_left_out(left)) if left else drawn


def _without(recording: Recording) -> str:
    if recording.frames is None:
        return "No key frames: a build makes them, and this is a session. See gazekit build."
    return "No key frames: no sentence of this reading has both times and gaze."


def _left_out(count: int) -> str:
    those = "1 sentence has" if count == 1 else f"{count} sentences have"
    return f"{those} no key frame, for want of times or of gaze."
