"""How is one reading of a dataset played again: fixations in time, words as they were said."""

import json
import math
from pathlib import Path

from markupsafe import Markup, escape

from gazekit.model.dataset import Dataset, open_dataset
from gazekit.model.errors import UsageError, did_you_mean
from gazekit.report.dataset import reading_views
from gazekit.report.page import Page, section
from gazekit.report.picture import jpeg_uri, thumbnail
from gazekit.report.reading import ReadingView

__all__ = ["replay_page", "write_replay"]

_IMAGE_PX = 900
_SHOWN = ("onset_us", "offset_us", "x_px", "y_px")


def write_replay(root: str | Path, reading_id: str, out: str | Path) -> Path:
    """Write the page of `replay_page` for a dataset in a folder; return its path."""
    return replay_page(open_dataset(root), reading_id).write(Path(out))


def replay_page(dataset: Dataset, reading_id: str) -> Page:
    """Make a page that plays one reading of a dataset.

    Raises
    ------
    UsageError
        No such reading, or the dataset holds no picture of its image.
    """
    known = [str(n) for n in dataset.table("readings", columns=("reading_id",))["reading_id"]]
    if reading_id not in known:
        raise UsageError(
            "no such reading", where=reading_id, remedy=did_you_mean(reading_id, known)
        )
    view = reading_views(dataset, [reading_id])[0]
    return Page(
        kind="Replay",
        title=reading_id,
        lead="Fixations in time, and the dictation as it was said.",
        simulated="the gaze was simulated" if view.reading["simulated"] else None,
        sections=(section("Reading", _player(view)),),
        scripts=("replay.js",),
    )


def _player(view: ReadingView) -> Markup:
    if view.pixels is None:
        raise UsageError("no picture to play on", where=str(view.reading["reading_id"]))
    width, height = view.image_size
    data = {
        "duration_us": int(view.reading["duration_us"]),
        "fixations": [[_known(one[name]) for name in _SHOWN] for one in view.fixations],
    }
    return Markup(
        '<div class="evidence" data-replay><div class="stage"><svg viewBox="0 0 {w} {h}" role="img"'
        ' aria-label="The image, with the gaze at this moment"><image width="{w}" height="{h}"'
        ' href="{uri}"/><g data-trail></g></svg></div><div><div class="play">'
        '<button type="button" data-play>Play</button><label>Time <input type="range" min="0"'
        ' max="{end}" step="1000" value="0" data-time></label><output data-clock>0.0 s</output>'
        '</div><ol class="said">{words}</ol></div></div>'
        '<script type="application/json" data-reading>{data}</script>'
    ).format(
        w=width,
        h=height,
        uri=jpeg_uri(thumbnail(view.pixels, max_px=_IMAGE_PX)),
        end=data["duration_us"],
        words=Markup("").join(_sentence(row) for row in view.sentences),
        data=Markup(json.dumps(data).replace("<", "\\u003c")),  # noqa: S704 - numbers only
    )


def _known(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _sentence(row: dict[str, object]) -> Markup:
    words = row["words"]
    if not isinstance(words, list) or not words:
        return Markup("<li>{}</li>").format(row["text"])
    return Markup("<li>{}</li>").format(Markup(" ").join(_word(word) for word in words))


def _word(word: dict[str, object]) -> Markup:
    if word["onset_us"] is None or word["offset_us"] is None:
        return escape(word["text"])
    return Markup('<span data-word data-from="{}" data-to="{}">{}</span>').format(
        word["onset_us"], word["offset_us"], word["text"]
    )
