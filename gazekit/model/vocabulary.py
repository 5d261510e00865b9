"""The words of the domain that are data: finding labels and the ABCDEF review."""

__all__ = ["ABCDEF", "FINDING_LABELS"]

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

ABCDEF = {
    "A": "Airways",
    "B": "Breathing",
    "C": "Circulation",
    "D": "Diaphragm",
    "E": "External",
    "F": "Foreign material",
}
"""The review order that protocols start from; a protocol file may define another."""
