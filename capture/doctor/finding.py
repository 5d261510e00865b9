"""What does one check of the station come to?"""

from typing import Literal

import msgspec

__all__ = ["Colour", "Finding", "green", "red", "yellow"]

Colour = Literal["green", "yellow", "red"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check: what was looked at, its colour, what was found, what to do about it."""

    check: str
    colour: Colour
    found: str
    remedy: str | None = None


def green(check: str, found: str) -> Finding:
    """Say that it is as it should be."""
    return Finding(check=check, colour="green", found=found)


def yellow(check: str, found: str, remedy: str | None = None) -> Finding:
    """Say that a session can be recorded, but that somebody should know."""
    return Finding(check=check, colour="yellow", found=found, remedy=remedy)


def red(check: str, found: str, remedy: str) -> Finding:
    """Say that a session cannot be recorded, or would be worthless."""
    return Finding(check=check, colour="red", found=found, remedy=remedy)
