"""How is MIMIC-Eye 1.0.0 read? Patient by patient, as the REFLACX and EGD-CXR in it.

Its copies differ from the originals in three ways that the readers of both allow for: one table of
REFLACX's readings with the labels of every phase, a nameless first column, and EGD-CXR's records
of the calibration image deleted, or put under a real image, where nothing tells them from gaze.
"""

from pathlib import Path

from gazekit.model.errors import DataError
from gazekit.read.egd_cxr import EgdSource, egd_sources, is_egd
from gazekit.read.places import MimicEyePlaces
from gazekit.read.published import Pseudonyms, need_pseudonyms
from gazekit.read.reflacx import ReflacxSource, is_reflacx, reflacx_sources

__all__ = ["is_mimic_eye", "mimic_eye_sources"]

_ENOUGH = 20


def is_mimic_eye(path: Path) -> bool:
    """Say whether `path` holds patients with REFLACX's or EGD-CXR's tables, or is one of them."""
    places = MimicEyePlaces(path)
    return any(
        is_reflacx(places.reflacx(patient)) or is_egd(places.egd(patient))
        for patient in places.patients()[:_ENOUGH]
    )


def mimic_eye_sources(
    root: Path, *, images: Path | None = None, pseudonyms: Pseudonyms | None = None
) -> list[ReflacxSource | EgdSource]:
    """Return the sources of every patient; the images are looked for in the patient's folder.

    Raises
    ------
    UsageError
        There are no pseudonyms.
    DataError
        No patient's folder holds a reading.
    """
    names = need_pseudonyms(pseudonyms, "MIMIC-Eye")
    places = MimicEyePlaces(root)
    found: list[ReflacxSource | EgdSource] = []
    for patient in places.patients():
        reflacx, egd = places.reflacx(patient), places.egd(patient)
        if is_reflacx(reflacx):
            found += reflacx_sources(
                reflacx, images=images, pseudonyms=names, kind="mimic_eye_reflacx"
            )
        if is_egd(egd):
            found += egd_sources(egd, images=images, pseudonyms=names, kind="mimic_eye_egd_cxr")
    if not found:
        raise DataError(
            "no patient's folder holds a reading",
            expected="patient_*/REFLACX or patient_*/EyeGaze",
            remedy="check that the download is complete",
        )
    return found
