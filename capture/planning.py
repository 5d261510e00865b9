"""What does a simulated reader do with an image?"""

from capture.images import SessionImage, as_phantom
from capture.station import Station
from gazekit.model.viewport import Viewport
from gazekit.synthetic import SimulatedReading, plan_reading

__all__ = ["plan_of"]


def plan_of(station: Station, image: SessionImage, number: int) -> SimulatedReading | None:
    """Plan the reading of an image, the `number`-th of the session; None where a person reads."""
    if station.eyes is None:
        return None
    viewer = station.stage.viewer
    return plan_reading(
        image.phantom or as_phantom(image.display),
        seed=station.seed * 1000 + number,
        screen=viewer.screen,
        viewport=Viewport.fit(image.display.record, viewer.area_px),
    )
