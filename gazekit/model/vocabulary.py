"""The words of the domain that are data: finding labels and the ABCDEF review."""

__all__ = ["ABCDEF", "CLASS_OF_LABEL", "FINDING_LABELS"]

FINDING_LABELS = (
    "No Finding",
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
)
"""The 14 observation classes that the CheXpert labeller made the field's standard (Irvin 2019)."""

CLASS_OF_LABEL = {
    "abnormal mediastinal contour": "Enlarged Cardiomediastinum",
    "acute fracture": "Fracture",
    "enlarged cardiac silhouette": "Cardiomegaly",
    "groundglass opacity": "Lung Opacity",
    "lung nodule or mass": "Lung Lesion",
    "mass": "Lung Lesion",
    "nodule": "Lung Lesion",
    "pleural thickening": "Pleural Other",
    "pulmonary edema": "Edema",
    "wide mediastinum": "Enlarged Cardiomediastinum",
    **{label.lower(): label for label in FINDING_LABELS},
}
"""The class among the 14 of a label that a published dataset uses, in lower case.

Labels without a class (hernia, emphysema), or of two (a pleural abnormality), are not in it.
"""

ABCDEF = {
    "A": "Airways",
    "B": "Breathing",
    "C": "Circulation",
    "D": "Diaphragm",
    "E": "External",
    "F": "Foreign material",
}
"""The review order that protocols start from; a protocol file may define another."""
