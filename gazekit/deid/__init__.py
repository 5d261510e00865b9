"""What may identify a person, and what stands in its place?"""

from gazekit.deid.collect import add_file_name, add_header, add_image_file, add_session
from gazekit.deid.export import DeidResult, deidentify_folder
from gazekit.deid.identifiers import Identifiers
from gazekit.deid.leaks import find_leaks, kinds_in
from gazekit.deid.pseudonym import KeyedPseudonyms, PassingPseudonyms, check_key

__all__ = [
    "DeidResult",
    "Identifiers",
    "KeyedPseudonyms",
    "PassingPseudonyms",
    "add_file_name",
    "add_header",
    "add_image_file",
    "add_session",
    "check_key",
    "deidentify_folder",
    "find_leaks",
    "kinds_in",
]
