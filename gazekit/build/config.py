"""How is a dataset to be built? One frozen record; a TOML file gives it, or the defaults."""

from typing import Literal

import msgspec

from gazekit.align import Overlap
from gazekit.clean import BlinkChoice, EyeChoice, Smoothing, check_detector
from gazekit.model.columns import HEATMAP_GRID
from gazekit.model.errors import UsageError
from gazekit.model.records import Outcome

__all__ = [
    "AboutConfig",
    "AlignConfig",
    "BuildConfig",
    "CleanConfig",
    "DetectConfig",
    "ImageConfig",
    "RenderConfig",
    "SplitConfig",
]

_MOST_CELLS = 512
"""A stored grid of so many cells a side takes a quarter of a megabyte a key frame."""


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Common base: immutable, unknown keys refused."""


class CleanConfig(_Section, frozen=True, kw_only=True):
    """Gaze before detection: the parameters of `gazekit.clean.clean_samples`."""

    eyes: EyeChoice = "average"
    max_fill_ms: float = 75.0
    max_disparity_deg: float = 5.0
    blinks: BlinkChoice = "pupil"
    blink_margin_ms: float = 0.0
    smoothing: Smoothing = "none"
    smoothing_ms: float = 20.0
    smoothing_degree: int = 2


class DetectConfig(_Section, frozen=True, kw_only=True):
    """The event detector and its own parameters; none given means its paper's."""

    detector: str = "tobii_ivt"
    params: dict[str, float] = {}


class AlignConfig(_Section, frozen=True, kw_only=True):
    """Key frames: how long gaze leads speech, what neighbours share, where the box is drawn.

    `preset`: ``gazex`` takes windows, clusters, boxes and centroids from raw samples by the GazeX
    paper's method and constants; the other values belong to ``default``. `cluster_deg`: fixations
    this near are of one place.
    """

    preset: Literal["default", "gazex"] = "default"
    lead_s: float = 1.5
    overlap: Overlap = "lead"
    box_level: float = 0.5
    cluster_deg: float = 2.0


class RenderConfig(_Section, frozen=True, kw_only=True):
    """Maps of key frames: the Gaussian's sigma, and the side of the grid that is stored."""

    sigma_deg: float = 1.0
    heatmap_grid: int = HEATMAP_GRID


class ImageConfig(_Section, frozen=True, kw_only=True):
    """Images in the dataset: their longest side, and whether their pixels are embedded as PNG.

    Coordinates always refer to the full size.
    """

    max_px: int = 1024
    embed: bool = True


class SplitConfig(_Section, frozen=True, kw_only=True):
    """Shares of patients; `key` makes another, equally stable, division.

    `official`: keep the division that a published dataset's makers gave, where there is one.
    `held_out_readers`: readers whose readings stand in a split of their own, by pseudonym;
    `held_out_share`: a share of readers, chosen by a keyed hash. A patient whom they read is in no
    other split: what others read of that patient is left out.
    """

    validation: float = 0.1
    test: float = 0.1
    key: str = "gazekit"
    official: bool = True
    held_out_readers: tuple[str, ...] = ()
    held_out_share: float = 0.0


class AboutConfig(_Section, frozen=True, kw_only=True):
    """What card and Croissant say of the dataset's makers; it decides no row.

    `license`: a URL or an SPDX id. `published`: a date, as 2026-01-31. `citation`: BibTeX.
    """

    license: str | None = None
    creators: tuple[str, ...] = ()
    url: str | None = None
    citation: str | None = None
    published: str | None = None


class BuildConfig(_Section, frozen=True, kw_only=True):
    """Everything that decides what a dataset holds; saved in ``meta/info.json``.

    `outcomes`: which readings are kept; others are listed as exclusions. `samples`: whether cleaned
    gaze samples stand in a table of their own; `audio`: whether the sound of each reading does,
    which is the voice of a person. `not_identifying`: words that identify nobody,
    though a source holds them where identifiers stand.
    """

    outcomes: tuple[Outcome, ...] = ("complete",)
    clean: CleanConfig = CleanConfig()
    detect: DetectConfig = DetectConfig()
    align: AlignConfig = AlignConfig()
    render: RenderConfig = RenderConfig()
    images: ImageConfig = ImageConfig()
    splits: SplitConfig = SplitConfig()
    samples: bool = False
    audio: bool = False
    not_identifying: tuple[str, ...] = ()
    about: AboutConfig = AboutConfig()

    def checked(self) -> "BuildConfig":
        """Return itself when its values make sense, else raise UsageError."""
        _require(self.clean.max_fill_ms >= 0, "clean.max_fill_ms", ">= 0")
        _require(self.clean.blink_margin_ms >= 0, "clean.blink_margin_ms", ">= 0")
        _require(self.clean.smoothing_ms > 0, "clean.smoothing_ms", "> 0")
        _require(self.clean.smoothing_degree >= 0, "clean.smoothing_degree", ">= 0")
        _require(self.align.lead_s >= 0, "align.lead_s", ">= 0")
        _require(0 < self.align.box_level < 1, "align.box_level", "between 0 and 1")
        _require(self.align.cluster_deg > 0, "align.cluster_deg", "> 0")
        own = self.align in (AlignConfig(), AlignConfig(preset="gazex"))
        _require(
            self.align.preset == "default" or own, "align", "the preset gazex alone, or default"
        )
        _require(self.render.sigma_deg > 0, "render.sigma_deg", "> 0")
        grid = self.render.heatmap_grid
        _require(1 < grid <= _MOST_CELLS, "render.heatmap_grid", f"from 2 to {_MOST_CELLS}")
        _require(self.images.max_px > 0, "images.max_px", "> 0")
        held_out = self.splits.held_out_share
        _require(0 <= held_out < 1, "splits.held_out_share", "from 0 to less than 1")
        shares = (self.splits.validation, self.splits.test)
        _require(min(shares) >= 0 and sum(shares) <= 1, "splits", "shares from 0 to 1 in all")
        check_detector(self.detect.detector, self.detect.params)
        return self


def _require(holds: object, where: str, expected: str) -> None:
    if not holds:
        raise UsageError("the value makes no sense", where=where, expected=expected)
