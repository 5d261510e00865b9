"""What was looked at while what was said? Fixations, sentences and key frames on the image."""

from gazekit.align.fixations import image_fixations
from gazekit.align.gazex_columns import gazex_columns
from gazekit.align.given import given_fixations
from gazekit.align.keyframes import KeyframePlan, make_keyframe
from gazekit.align.labels import assertions_of, class_of, labels_of
from gazekit.align.raw import raw_on_image
from gazekit.align.sentences import Sentence, split_sentences
from gazekit.align.steps import step_of
from gazekit.align.windows import Overlap, Window, assign_fixations, sentence_windows

__all__ = [
    "KeyframePlan",
    "Overlap",
    "Sentence",
    "Window",
    "assertions_of",
    "assign_fixations",
    "class_of",
    "gazex_columns",
    "given_fixations",
    "image_fixations",
    "labels_of",
    "make_keyframe",
    "raw_on_image",
    "sentence_windows",
    "split_sentences",
    "step_of",
]
