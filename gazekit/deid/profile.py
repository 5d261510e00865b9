"""Which attributes of a DICOM file may stay? Those on a list; everything else goes.

The list is stricter than the table of DICOM PS3.15 annex E (Basic Application Level
Confidentiality Profile), which names what must go and lets the rest stay.
"""

from dataclasses import dataclass

__all__ = ["DATES", "KEPT", "OPTIONS", "PROFILE", "TIMES", "Option"]

KEPT = frozenset(
    [
        "SOPClassUID",
        "Modality",
        "ImageType",
        "PresentationIntentType",
        "BodyPartExamined",
        "ViewPosition",
        "Laterality",
        "ImageLaterality",
        "PatientOrientation",
        "ViewCodeSequence",
        "AnatomicRegionSequence",
        "SeriesNumber",
        "InstanceNumber",
        "KVP",
        "DistanceSourceToDetector",
        "DistanceSourceToPatient",
        "Exposure",
        "ExposureInuAs",
        "ExposureTime",
        "XRayTubeCurrent",
        "EstimatedRadiographicMagnificationFactor",
        "ImagerPixelSpacing",
        "PixelSpacing",
        "PixelSpacingCalibrationType",
        "NominalScannedPixelSpacing",
        "PixelAspectRatio",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PlanarConfiguration",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "SmallestImagePixelValue",
        "LargestImagePixelValue",
        "PixelPaddingValue",
        "PixelPaddingRangeLimit",
        "PixelIntensityRelationship",
        "PixelIntensityRelationshipSign",
        "RescaleIntercept",
        "RescaleSlope",
        "RescaleType",
        "WindowCenter",
        "WindowWidth",
        "VOILUTFunction",
        "VOILUTSequence",
        "ModalityLUTSequence",
        "ModalityLUTType",
        "LUTDescriptor",
        "LUTData",
        "PresentationLUTShape",
        "BurnedInAnnotation",
        "LossyImageCompression",
        "LossyImageCompressionRatio",
        "LossyImageCompressionMethod",
        "RedPaletteColorLookupTableDescriptor",
        "GreenPaletteColorLookupTableDescriptor",
        "BluePaletteColorLookupTableDescriptor",
        "RedPaletteColorLookupTableData",
        "GreenPaletteColorLookupTableData",
        "BluePaletteColorLookupTableData",
        "CodeValue",
        "CodingSchemeDesignator",
        "CodingSchemeVersion",
        "CodeMeaning",
        "PixelData",
    ]
)
"""What an image needs to be displayed and told apart from others of its kind."""

DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
TIMES = ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime")


@dataclass(frozen=True)
class Option:
    """An option of the profile: its code in DCM (CID 7050), and what it lets stay.

    `kinds`: identifiers (`gazekit.deid.collect`) that are there by this choice.
    """

    code: str
    meaning: str
    keeps: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


PROFILE = Option("113100", "Basic Application Confidentiality Profile")

OPTIONS: dict[str, Option] = {
    "clean-pixel-data": Option("113101", "Clean Pixel Data Option"),
    "retain-longitudinal-modified-dates": Option(
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
        kinds=frozenset({"date", "birth date"}),
    ),
    "retain-patient-characteristics": Option(
        "113108",
        "Retain Patient Characteristics Option",
        frozenset({"PatientSex", "PatientAge", "PatientSize", "PatientWeight"}),
    ),
    "retain-device-identity": Option(
        "113109",
        "Retain Device Identity Option",
        frozenset(
            {
                *("Manufacturer", "ManufacturerModelName", "DeviceSerialNumber"),
                *("SoftwareVersions", "StationName", "DetectorID", "DetectorManufacturerName"),
                "DetectorManufacturerModelName",
            }
        ),
        frozenset({"device serial number", "device number", "station name"}),
    ),
    "retain-uids": Option("113110", "Retain UIDs Option", kinds=frozenset({"UID"})),
    "retain-institution-identity": Option(
        "113112",
        "Retain Institution Identity Option",
        frozenset({"InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName"}),
        frozenset({"institution", "institution's address", "department"}),
    ),
}
"""The options by the name that the command line takes."""
