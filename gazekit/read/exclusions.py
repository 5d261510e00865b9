"""Why something was left out of a dataset: a reason code and one line."""

from dataclasses import dataclass
from typing import Literal

from gazekit.model.errors import GazekitError

__all__ = ["REASONS", "Exclusion", "Reason"]

Reason = Literal[
    "session_not_closed",
    "session_damaged",
    "session_without_readings",
    "recording_damaged",
    "image_missing",
    "image_undecodable",
    "gaze_discarded",
    "reading_aborted",
    "reading_redone",
    "reading_practice",
    "reading_marked",
    "reading_damaged",
    "erased",
    "patient_held_out",
    "reading_without_view",
    "reading_without_gaze",
    "reading_without_samples",
    "transcript_empty",
    "sentence_untimed",
    "sentence_without_gaze",
]

REASONS: dict[Reason, str] = {
    "session_not_closed": "the session was cut and has not been recovered",
    "session_damaged": "a file of the session is missing, changed or cannot be read",
    "session_without_readings": "no reading was begun in the session",
    "recording_damaged": "a recording named by a source description cannot be read",
    "image_missing": "the image is not among the files that were given",
    "image_undecodable": "the image cannot be decoded, so that nothing can be placed on it",
    "gaze_discarded": "the dataset's makers discarded the gaze of this reading",
    "reading_aborted": "the reading was aborted, and the configuration keeps complete ones",
    "reading_redone": "the reading was done again, and the configuration keeps complete ones",
    "reading_practice": "the reading was for practice, and the configuration keeps complete ones",
    "reading_marked": "a person marked it to be left out, in the exclusions file",
    "reading_damaged": "the reading's samples, views or words contradict each other",
    "erased": "its reader or its patient was erased from the dataset",
    "patient_held_out": "a held-out reader read its patient, who may stand in one split only",
    "reading_without_view": "nothing says where the image was on the screen",
    "reading_without_gaze": "no fixation was found in the reading",
    "reading_without_samples": "its source holds fixations only; the preset gazex needs samples",
    "transcript_empty": "nothing was dictated; the reading stays, without key frames",
    "sentence_untimed": "no word of the sentence has a time; the sentence has no key frame",
    "sentence_without_gaze": "no fixation on the image in its window; it has no key frame",
}
"""Every reason code and what it means."""


@dataclass(frozen=True)
class Exclusion:
    """One thing left out: which unit, its id, the reason code, and one line."""

    unit: Literal["session", "recording", "image", "reading", "sentence"]
    unit_id: str
    reason: Reason
    detail: str

    @classmethod
    def because(
        cls,
        unit: Literal["session", "recording", "image", "reading", "sentence"],
        unit_id: str,
        *,
        reason: Reason,
        error: GazekitError,
    ) -> "Exclusion":
        """Leave `unit_id` out for `error`, in its words."""
        return cls(unit, unit_id, reason, str(error))

    def row(self) -> dict[str, object]:
        """Return it as a row of table ``exclusions``."""
        return {
            "unit": self.unit,
            "unit_id": self.unit_id,
            "reason": self.reason,
            "detail": self.detail,
        }
