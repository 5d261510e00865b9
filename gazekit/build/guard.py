"""May a grown dataset take its name? Not while it holds an identifier that its sources held."""

import re
import shutil
from pathlib import Path

from gazekit.build.far_session import FarSession
from gazekit.build.plan import Plan
from gazekit.deid import Identifiers, add_file_name, add_image_file, add_session, find_leaks
from gazekit.model.errors import GazekitError, ProblemsError
from gazekit.model.layout import DatasetLayout
from gazekit.read import DescribedSource, SessionSource, load_description

__all__ = ["refuse_leaks"]

_PIXEL_NAME = re.compile(r"img-[0-9a-f]{16}")


def refuse_leaks(growing: DatasetLayout, plan: Plan, *, created_at: str, units: Path) -> None:
    """Scan everything that was written, and take it away where it holds an identifier.

    Parts stay under `units`: making them anew would make them the same. A line says where.

    Raises
    ------
    ProblemsError
        One line for each file and kind of identifier, never the identifier; and one for the parts.
    """
    problems = find_leaks(growing.root, _identifiers(plan), apart=[created_at])
    if problems:
        shutil.rmtree(growing.root)
        raise ProblemsError([*problems, _kept(units)])


def _kept(units: Path) -> GazekitError:
    return GazekitError(
        "the built parts of these readings hold it too",
        where=f"{units.name}, beside the dataset's place",
        remedy="when the source is mended, build with: --prune, which removes them; or delete "
        "that folder, from which the next build only saves time",
    )


def _identifiers(plan: Plan) -> Identifiers:
    found = Identifiers(plan.config.not_identifying)
    for planned in plan.sources:
        if isinstance(planned.source, SessionSource):
            add_session(found, planned.source.root)
        elif isinstance(planned.source, FarSession):
            with planned.source.fetched() as folder:
                add_session(found, folder)
        elif isinstance(planned.source, DescribedSource):
            _add_described(found, planned.source)
        for image in planned.catalogue.images.values():
            if not image.stored and not isinstance(planned.source, DescribedSource):
                add_image_file(found, image.path)
    return found


def _add_described(found: Identifiers, source: DescribedSource) -> None:
    """Add the files that a description names, those that could not be read among them.

    A reading without an id of its own bears the name of its recording, by the user's choice; and
    an image may be named by its pixels, as simulated ones are.
    """
    try:
        entries = load_description(source.path).reading
    except GazekitError:
        return
    names = {Path(entry.recording).stem for entry in entries if entry.id is None}
    for image in sorted({source.path.parent / entry.image for entry in entries}):
        if image.is_file():
            named = image.stem not in names and not _PIXEL_NAME.fullmatch(image.stem)
            add_image_file(found, image, named=named)
    for entry in entries:
        if entry.id is not None:
            add_file_name(found, Path(Path(entry.recording).name))
