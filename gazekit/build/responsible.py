"""What must one know before using a dataset? How it was gathered, its limits, its people."""

from gazekit.model.dataset import DatasetInfo
from gazekit.model.version import DISCLAIMER

__all__ = ["responsible_ai"]

_RECORDED = (
    "Readers viewed radiographs while an eye tracker recorded their gaze and a microphone their "
    "dictation; view states say where each image stood on the screen."
)
_SIMULATED = (
    "Simulated: a model of a reader looked at the images and dictated; no person was recorded."
)
_PREPROCESSING = (
    (
        "Gaps are named and short ones filled, blinks removed, eyes merged; detector and all "
        "parameters stand in meta/info.json."
    ),
    (
        "Fixations go through the view state into image pixels; a dictated sentence and the gaze "
        "of its window are one key frame; heatmaps are made from fixations."
    ),
)
_MISSING = (
    "Sessions, readings, sentences and images that were left out are listed with a reason each in "
    "meta/exclusions.parquet. A word without a time has none, and a sentence without gaze has no "
    "key frame; nothing is made up in their place."
)
_ANNOTATION = (
    (
        "Sentences are dictated by the reader. Labels of sentences come from a rule-based proxy "
        "of the 14 CheXpert classes, not from the CheXpert labeller."
    ),
    (
        "Findings carry their origin: human, simulated, text, gaze or unstated. Boxes and "
        "centroids from gaze say where somebody looked and are never truth."
    ),
)
_BIASES = (
    "Few readers, often of one institution: their habits of search and words weigh heavily.",
    "The order of a review protocol shapes what is looked at and said.",
    "Pathology is as common as it was among the chosen images, not as in any population.",
)
_LIMITS = (
    (
        "Gaze says where the eyes rested, within the tracker's accuracy, not what was perceived; "
        "accuracy and data loss of each reading stand in table readings."
    ),
    "Gaze precedes speech by a lead that was set, not measured, for each reader.",
    f"{DISCLAIMER}",
)
_USES = (
    (
        "Pretraining and evaluation of gaze-supervised vision-language models; research on visual "
        "search in radiology."
    ),
)
_PERSONAL = (
    (
        "Readers, patients and studies stand under pseudonyms; identifiers of the sources were "
        "searched for in every written file before it was released."
    ),
    (
        "Gaze is behavioural data of persons and may allow to recognise a reader; radiographs are "
        "health data. Do not try to identify anybody, and keep the terms of the sources."
    ),
)
_VOICE = (
    "It holds voices. A voice is biometric data, and names may be spoken that no scan of text can "
    "find: have somebody listen to it before it is shared."
)
_IMPACT = (
    "Meant to let models show their evidence. A model trained on it may imitate the misses of its "
    "readers and must not replace a reading."
)


def responsible_ai(info: DatasetInfo) -> dict[str, object]:
    """Return the responsible-AI fields of a dataset; those of simulated gaze say so."""
    synthetic = ("All gaze and dictation is simulated: no statement about people follows from it.",)
    heard = "audio" in info.counts
    limits = (*synthetic, *_LIMITS) if info.simulated else _LIMITS
    return {
        "rai:dataCollection": _SIMULATED if info.simulated else _RECORDED,
        "rai:dataCollectionType": ["Synthetic"] if info.simulated else ["Experiments"],
        "rai:hasSyntheticData": info.simulated,
        "rai:dataCollectionMissingData": _MISSING,
        "rai:dataPreprocessingProtocol": list(_PREPROCESSING),
        "rai:dataAnnotationProtocol": list(_ANNOTATION),
        "rai:machineAnnotationTools": [f"gazekit {info.software.get('gazekit', '')}".strip()],
        "rai:dataBiases": list(_BIASES),
        "rai:dataLimitations": list(limits),
        "rai:dataUseCases": list(_USES),
        "rai:dataSocialImpact": _IMPACT,
        "rai:personalSensitiveInformation": [*_PERSONAL, _VOICE] if heard else list(_PERSONAL),
    }
