"""What was looked at, when, how often and how much of it? Measures of fixations, as tables."""

from gazekit.measures.coverage import coverage
from gazekit.measures.dwell import dwell
from gazekit.measures.regions import Region, membership
from gazekit.measures.transitions import transitions

__all__ = ["Region", "coverage", "dwell", "membership", "transitions"]
