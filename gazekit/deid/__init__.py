"""What may identify a person, and what stands in its place?"""

from gazekit.deid.pseudonym import KeyedPseudonyms, PassingPseudonyms, check_key

__all__ = ["KeyedPseudonyms", "PassingPseudonyms", "check_key"]
