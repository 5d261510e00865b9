"""Is the protocol sound, and is every image of it readable here?"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from capture.doctor.finding import Finding, green, red
from capture.images import images_of
from capture.protocol_check import protocol_problems
from gazekit.model.errors import GazekitError, ProblemsError
from gazekit.model.protocol import Protocol, load_protocol, protocol_hash

__all__ = ["Study", "check_study"]

_MOST = 5


class Study:
    """What `check_study` learned for the other checks: the protocol, and how many images."""

    def __init__(self) -> None:
        self.protocol: Protocol | None = None
        self.images = 0


def check_study(path: Path, study: Study) -> Iterator[Finding]:
    """Yield what is wrong with a protocol, or its hash and that of its images."""
    try:
        problems = protocol_problems(path)
    except GazekitError as error:
        yield red("protocol", str(error), "choose a protocol file")
        return
    for problem in problems[:_MOST]:
        yield red("protocol", str(problem.as_error(path.name)), "change the protocol file")
    if problems:
        return
    protocol = study.protocol = load_protocol(path)
    found = f"{protocol.title}, version {protocol.version}, SHA-256 {protocol_hash(path)[:16]}"
    yield green("protocol", found)
    yield from _images(path, protocol, study)


def _images(path: Path, protocol: Protocol, study: Study) -> Iterator[Finding]:
    """Read every image: one that does not decode is found before the reader sits there."""
    plan = protocol.images
    if plan.synthetic is not None:
        study.images = plan.synthetic
        made = f"{plan.synthetic} phantoms, made on the spot"
        yield green("images", made if plan.synthetic else "none: calibration alone")
        return
    try:
        images = images_of(plan, path.parent, seed=protocol.seed)
    except ProblemsError as error:
        for problem in error.problems[:_MOST]:
            yield red("images", str(problem), "export the image anew, or take it off the list")
        return
    except GazekitError as error:
        yield red("images", str(error), "check the images of the protocol")
        return
    study.images = len(images)
    digests = "".join(sorted(image.display.record.sha256 for image in images))
    whole = hashlib.sha256(digests.encode()).hexdigest()[:16]
    yield green("images", f"all {len(images)} readable, hash over their pixels {whole}")
