"""What of a recording goes to the scripts of a page? One JSON object; see ``data`` there.

::

    {reading_id, reader_id, duration_us, screen_px: [w, h] | null,
     images: [{image_id, width_px, height_px}],
     shown: [{at_us, image: index | -1, to_screen: [a .. f] | null, clip_px | null}],
     fixations: [{onset_us, offset_us, x_px, y_px, sigma_x_px, sigma_y_px, image}],
     sentences: [{text, step, onset_us, offset_us, words: [{text, onset_us, offset_us}]}],
     lanes: [{name, label, marks: [{onset_us, offset_us, text, colour}]}],
     samples: see gazekit.report.replay.packed | null,
     ...: see gazekit.report.replay.layers}
"""

from dataclasses import asdict

from gazekit.report.replay.layers import layers_of
from gazekit.report.replay.packed import packed_samples
from gazekit.report.replay.recording import Recording

__all__ = ["data_of"]


def data_of(recording: Recording) -> dict[str, object]:
    """Return what the scripts draw, without pictures and sound, which stand on the page itself."""
    samples = recording.samples
    return {
        "reading_id": recording.reading_id,
        "reader_id": recording.reader_id,
        "duration_us": recording.duration_us,
        "screen_px": recording.screen_px,
        "images": [
            {"image_id": one.image_id, "width_px": one.width_px, "height_px": one.height_px}
            for one in recording.pictures
        ],
        "shown": [asdict(one) for one in recording.shown],
        "fixations": [_fixation(asdict(one)) for one in recording.fixations],
        "sentences": [asdict(one) for one in recording.sentences],
        "lanes": [asdict(one) for one in recording.lanes],
        "samples": None if samples is None else packed_samples(samples),
        **layers_of(recording),
    }


def _fixation(values: dict[str, object]) -> dict[str, object]:
    """Round places to hundredths of a pixel, which nobody sees and the page need not carry."""
    return {k: round(v, 2) if isinstance(v, float) else v for k, v in values.items()}
