"""How does a key frame look? Pictures and a film, made on demand and never stored."""

from gazekit.render.film import Film, write_film
from gazekit.render.frames import RenderedFrame, write_frames
from gazekit.render.keyframe import keyframe_map, picture_of, scaled_to

__all__ = [
    "Film",
    "RenderedFrame",
    "keyframe_map",
    "picture_of",
    "scaled_to",
    "write_film",
    "write_frames",
]
