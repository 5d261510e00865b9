"""What recordings do tests of the replay play? Made by hand, small, every part of it known."""

from collections.abc import Sequence

import numpy as np

from gazekit.model.geometry import Affine
from gazekit.report.replay.recording import (
    BLINK,
    MISSING,
    SEEN,
    GazeSamples,
    Picture,
    Recording,
    Said,
    SaidWord,
    Shown,
)

__all__ = ["SIZE_PX", "STEP_US", "gaze_of_states", "picture", "said", "tiny_recording"]

SIZE_PX = (320, 256)
STEP_US = 10_000
_END_US = 4_000_000
_SCREEN_PX = (1600, 900)


def picture(name: str, grey: int) -> Picture:
    """Make an even picture."""
    width, height = SIZE_PX
    return Picture(name, width, height, np.full((height, width), grey, np.uint8))


def gaze_of_states(states: Sequence[int], *, seed: int = 0) -> GazeSamples:
    """Make samples at an even pace with these states, wandering over the first picture."""
    state = np.array(states, np.uint8)
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, SIZE_PX, (state.size, 2))
    places[state != SEEN] = np.nan
    return GazeSamples(
        time_us=np.arange(state.size) * STEP_US,
        x_px=places[:, 0],
        y_px=places[:, 1],
        state=state,
        image=np.zeros(state.size, np.int16),
    )


def said(text: str, onset_us: int, *, each_us: int = 200_000, step: str | None = None) -> Said:
    """Make a sentence whose words follow each other, each as long."""
    words = tuple(
        SaidWord(word, onset_us + i * each_us, onset_us + (i + 1) * each_us)
        for i, word in enumerate(text.split())
    )
    return Said(text, step, onset_us, words[-1].offset_us, words)


def tiny_recording(*, two_images: bool = False) -> Recording:
    """Make four seconds: a zoom at 2 s (or another image), a blink, a loss, two sentences."""
    states = [SEEN] * 100 + [BLINK] * 20 + [SEEN] * 80 + [MISSING] * 10 + [SEEN] * 190
    samples = gaze_of_states(states)
    width, height = SIZE_PX
    fit = Affine.of_view(3.0, (width / 2, height / 2), (800.0, 450.0)).values
    near = Affine.of_view(6.0, (width / 4, height / 2), (800.0, 450.0)).values
    clip = (0.0, 0.0, float(_SCREEN_PX[0]), float(_SCREEN_PX[1]))
    second = Shown(2_000_000, 1 if two_images else 0, near, clip)
    if two_images:
        samples.image[samples.time_us >= second.at_us] = 1
    return Recording(
        reading_id="reading-1",
        reader_id="R01",
        duration_us=_END_US,
        pictures=(picture("img-1", 90), picture("img-2", 200))[: 1 + two_images],
        shown=(Shown(0, 0, fit, clip), second),
        screen_px=_SCREEN_PX,
        fixations=(),
        sentences=(said("The heart is normal.", 500_000, step="C"), said("No nodule.", 2_500_000)),
        findings=(),
        steps={"C": "Circulation"},
        lanes=(),
        simulated=True,
        samples=samples,
    )
