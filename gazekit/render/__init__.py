"""How does a key frame look? Pictures and a film, made on demand and never stored."""

from gazekit.render.frames import RenderedFrame, write_frames

__all__ = ["RenderedFrame", "write_frames"]
