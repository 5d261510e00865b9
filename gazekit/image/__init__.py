"""Image files to what was displayed: one place, used by the viewer, the build and the trainer."""

from gazekit.image.dicom import decode, has_decoder, syntax_of
from gazekit.image.header import is_dicom_file, read_header
from gazekit.image.place import content_box, crop, resize
from gazekit.image.png import encode_png, read_display_png, write_display_png
from gazekit.image.read import read_image
from gazekit.model.display import DisplayImage

__all__ = [
    "DisplayImage",
    "content_box",
    "crop",
    "decode",
    "encode_png",
    "has_decoder",
    "is_dicom_file",
    "read_display_png",
    "read_header",
    "read_image",
    "resize",
    "syntax_of",
    "write_display_png",
]
