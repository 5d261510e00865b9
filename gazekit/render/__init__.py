"""How does a key frame look? Pictures and a film, made on demand and never stored."""

from gazekit.render.frames import RenderedFrame, write_frames
from gazekit.render.keyframe import keyframe_map, picture_of, scaled_to

__all__ = ["RenderedFrame", "keyframe_map", "picture_of", "scaled_to", "write_frames"]
