"""Which samples did people label, and as what? Reader of the Andersson et al. (2017) recordings.

The recordings are GPL-3: they are read where they lie, and nothing made of them but figures of
agreement is ever written.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from gazekit.model.geometry import screen_px_per_degree
from gazekit.model.records import ScreenRecord

__all__ = ["CODES", "Recording", "read_recordings"]

CODES = {"fixation": 1, "saccade": 2, "pso": 3, "pursuit": 4, "blink": 5}
"""How the recordings' own labels number the events; 0 and 6 are neither."""

_NAME = re.compile(r"(?P<name>.+)_labelled_(FIX_)?(?P<coder>[A-Z]{2})$")
_X, _Y, _LABEL = 3, 4, 5
_MM_PER_M = 1000
_CODERS = 2


@dataclass(frozen=True)
class Recording:
    """One recording: `time_us` (n,), `xy_px` (n, 2) with NaN for none, `labels` (coders, n)."""

    name: str
    stimulus: str
    rate_hz: float
    screen: ScreenRecord
    time_us: NDArray[np.int64]
    xy_px: NDArray[np.float64]
    labels: NDArray[np.int8]

    def at_rate(self, rate_hz: float) -> "Recording":
        """Keep the samples nearest to an even, slower rate; time stamps stay those measured."""
        steps = np.arange(0, self.time_us.size - 1, self.rate_hz / rate_hz)
        kept = np.unique(np.rint(steps).astype(np.intp))
        return replace(
            self,
            rate_hz=rate_hz,
            time_us=self.time_us[kept],
            xy_px=self.xy_px[kept],
            labels=self.labels[:, kept],
        )

    def with_noise(self, noise_deg: float, *, seed: int) -> "Recording":
        """Add white noise of this root mean square along each direction."""
        centre = self.screen.width_px / 2, self.screen.height_px / 2
        scale = np.array(screen_px_per_degree(self.screen, *centre), np.float64)
        noise = np.random.default_rng(seed).normal(0, noise_deg, self.xy_px.shape)
        return replace(self, xy_px=self.xy_px + noise * scale)


def read_recordings(folder: Path) -> list[Recording]:
    """Read every recording that two people labelled, in order of stimulus and name."""
    files: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    for path in sorted(folder.rglob("*.mat")):
        match = _NAME.match(path.stem)
        if match:
            coders = files[path.parent.name, match["name"]]
            coders[match["coder"]] = path
    return [
        _read(stimulus, name, list(coders.values()))
        for (stimulus, name), coders in sorted(files.items())
        if len(coders) == _CODERS
    ]


def _read(stimulus: str, name: str, paths: list[Path]) -> Recording:
    data = [loadmat(path, simplify_cells=True)["ETdata"] for path in paths]
    n = min(len(one["pos"]) for one in data)
    first = data[0]
    xy = np.array(first["pos"][:n, [_X, _Y]], np.float64)
    xy[(xy == 0).all(axis=1)] = np.nan  # how these files say that there is no gaze
    rate = float(first["sampFreq"])
    size, resolution = np.ravel(first["screenDim"]), np.ravel(first["screenRes"])
    return Recording(
        name=name,
        stimulus=stimulus,
        rate_hz=rate,
        screen=ScreenRecord(
            width_px=int(resolution[0]),
            height_px=int(resolution[1]),
            width_mm=float(size[0]) * _MM_PER_M,
            height_mm=float(size[1]) * _MM_PER_M,
            distance_mm=float(first["viewDist"]) * _MM_PER_M,
        ),
        time_us=np.rint(np.arange(n) * 1e6 / rate).astype(np.int64),
        xy_px=xy,
        labels=np.array([one["pos"][:n, _LABEL] for one in data], np.int8),
    )
