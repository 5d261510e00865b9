"""Gaze recordings of radiologists, turned into Parquet datasets."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gazekit.build import build
    from gazekit.clean import detect_events
    from gazekit.model.dataset import open_dataset
    from gazekit.model.heatmap import render_heatmap
    from gazekit.read import open_session

__all__ = ["build", "detect_events", "open_dataset", "open_session", "render_heatmap"]

_HOMES = {
    "build": "gazekit.build",
    "detect_events": "gazekit.clean",
    "open_dataset": "gazekit.model.dataset",
    "open_session": "gazekit.read",
    "render_heatmap": "gazekit.model.heatmap",
}


def __getattr__(name: str) -> object:
    """Import a public function when it is first used, so that ``import gazekit`` is light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gazekit' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    """List what is public."""
    return sorted(__all__)
