"""What a simulated reader may say: positive and negative sentences by step, and where they look."""

__all__ = ["NEGATIVES", "POSITIVES", "STEP_OF_LABEL", "STEP_TERMS", "Negative"]

Negative = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Sentence, labels that must be absent for it to be true, regions that the reader sweeps."""

STEP_OF_LABEL = {
    "Lung Lesion": "B",
    "Consolidation": "B",
    "Pneumothorax": "B",
    "Atelectasis": "B",
    "Cardiomegaly": "C",
    "Pleural Effusion": "D",
    "Fracture": "E",
    "Support Devices": "F",
}

POSITIVES: dict[str, tuple[str, ...]] = {
    "Lung Lesion": (
        "There is a nodule in the {side} {zone} zone.",
        "A round nodule projects over the {side} {zone} zone.",
        "Nodular lesion in the {side} {zone} lung zone.",
    ),
    "Consolidation": (
        "There is consolidation in the {side} {zone} zone.",
        "Patchy consolidation in the {side} {zone} lung zone.",
        "The {side} {zone} zone shows airspace consolidation.",
    ),
    "Pneumothorax": (
        "There is a {side} apical pneumothorax.",
        "A pneumothorax is seen on the {side}, in the {zone} zone.",
        "Visible pleural line with {side} pneumothorax.",
    ),
    "Atelectasis": (
        "There is linear atelectasis in the {side} {zone} zone.",
        "Band of atelectasis in the {side} {zone} lung zone.",
        "Plate atelectasis is seen in the {side} {zone} zone.",
    ),
    "Cardiomegaly": (
        "The heart is enlarged.",
        "There is cardiomegaly.",
        "The cardiac silhouette is enlarged.",
    ),
    "Pleural Effusion": (
        "There is a {side} pleural effusion.",
        "A {side} pleural effusion blunts the costophrenic angle.",
        "The {side} costophrenic angle is blunted by pleural effusion.",
    ),
    "Fracture": (
        "There is a fracture of a {side} rib in the {zone} zone.",
        "Rib fracture on the {side}, {zone} zone.",
        "A {side} rib fracture is seen in the {zone} zone.",
    ),
    "Support Devices pacemaker": (
        "A pacemaker is seen on the {side}.",
        "There is a {side} chest wall pacemaker.",
    ),
    "Support Devices line": (
        "A {side} central line is in place.",
        "There is a {side} central venous catheter.",
    ),
}

_LUNGS = tuple(
    f"{side}_{zone}_zone" for side in ("right", "left") for zone in ("upper", "mid", "lower")
)
_CHEST = ("Lung Lesion", "Consolidation", "Atelectasis")

NEGATIVES: dict[str, tuple[Negative, ...]] = {
    "A": (
        ("The trachea is midline.", (), ("trachea", "carina")),
        ("The airways are patent.", (), ("trachea", "carina")),
        ("The trachea is central.", (), ("trachea",)),
    ),
    "B": (
        ("The lungs are clear.", (*_CHEST, "Pneumothorax"), _LUNGS),
        ("No pneumothorax.", ("Pneumothorax",), ("right_apex", "left_apex")),
        ("No consolidation.", ("Consolidation",), _LUNGS),
        ("No lung nodule is seen.", ("Lung Lesion",), _LUNGS),
        ("No atelectasis.", ("Atelectasis",), _LUNGS),
    ),
    "C": (
        ("The heart size is normal.", ("Cardiomegaly",), ("heart",)),
        ("No cardiomegaly.", ("Cardiomegaly",), ("heart",)),
        ("The mediastinum is not widened.", (), ("mediastinum",)),
        ("The aorta is normal.", (), ("mediastinum",)),
    ),
    "D": (
        (
            "No pleural effusion.",
            ("Pleural Effusion",),
            ("right_costophrenic", "left_costophrenic"),
        ),
        (
            "The costophrenic angles are sharp.",
            ("Pleural Effusion",),
            ("right_costophrenic", "left_costophrenic"),
        ),
        ("Both diaphragm domes are normal.", (), ("right_diaphragm", "left_diaphragm")),
    ),
    "E": (
        ("No rib fracture.", ("Fracture",), ("right_ribs", "left_ribs")),
        ("The bones are intact.", ("Fracture",), ("right_ribs", "left_ribs", "spine")),
        ("The clavicles are intact.", (), ("right_clavicle", "left_clavicle")),
        ("The soft tissues are normal.", (), ("right_ribs", "left_ribs")),
    ),
    "F": (
        ("No foreign material.", ("Support Devices",), ("mediastinum", "left_upper_zone")),
        ("No lines or tubes.", ("Support Devices",), ("mediastinum", "trachea")),
        ("No support devices.", ("Support Devices",), ("mediastinum", "left_upper_zone")),
    ),
}
"""A step without a true negative to say (all its labels present) says its positives alone."""

STEP_TERMS: dict[str, tuple[str, ...]] = {
    "A": ("airway", "airways", "trachea", "tracheal", "carina", "bronchus", "bronchi", "hilum"),
    "B": (
        "lung",
        "lungs",
        "consolidation",
        "opacity",
        "nodule",
        "nodular",
        "pneumothorax",
        "atelectasis",
    ),
    "C": ("heart", "cardiac", "cardiomegaly", "mediastinum", "mediastinal", "aorta", "aortic"),
    "D": ("diaphragm", "hemidiaphragm", "costophrenic", "effusion"),
    "E": ("rib", "ribs", "bone", "bones", "fracture", "clavicle", "clavicles", "soft tissues"),
    "F": ("foreign", "tube", "tubes", "line", "lines", "catheter", "pacemaker", "devices"),
}
"""Words by which a sentence is known as its step's."""
