"""Which version of the software and of the data formats this is."""

__all__ = ["DISCLAIMER", "SCHEMA_VERSION", "STAGE_VERSIONS", "__version__"]

__version__ = "0.1.0"

SCHEMA_VERSION = "1.1"
"""``major.minor`` of every table and record: a minor only adds nullable columns."""

STAGE_VERSIONS = {"read": 2, "clean": 2, "align": 5, "render": 1, "image": 1}
"""Raised by hand when a stage's result changes, so that built units are made anew."""

DISCLAIMER = "Research use only; not a medical device."
