"""``gazekit frames``: render the key frames of a reading as pictures."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazekit.console import emit

if TYPE_CHECKING:
    from gazekit.render import Film

__all__ = ["command"]


@click.command("frames")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--reading", required=True, help="Whose key frames.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option(
    "--preset",
    type=click.Choice(["default", "gazex"]),
    default="default",
    show_default=True,
    help="As the dataset was built, or the GazeX paper's, from raw samples.",
)
@click.option(
    "--video",
    type=click.Choice(["apng", "mp4"]),
    is_flag=False,
    flag_value="apng",
    help="A film too, a frame a second: APNG without loss (alone: this), or MP4 to look at.",
)
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the images of a public dataset.",
)
@click.option("--key", type=click.Path(path_type=Path), help="Key file of the pseudonyms.")
@click.option("--json", "as_json", is_flag=True, help="Print the index as JSON.")
def command(
    path: Path,
    *,
    reading: str,
    out: Path,
    preset: str,
    video: "Film | None",
    images: Path | None,
    key: Path | None,
    as_json: bool,
) -> None:
    """Render the key frames of one reading of PATH into OUT, with an index.

    The preset default takes them from a dataset. The preset gazex needs raw samples, which a
    dataset does not hold: PATH is then a session, or another source that can be built from.
    """
    from gazekit.deid import KeyedPseudonyms, check_key
    from gazekit.export import frames_of_dataset, gazex_frames_of_sources
    from gazekit.model.dataset import open_dataset
    from gazekit.model.errors import UsageError
    from gazekit.model.layout import DatasetLayout
    from gazekit.read import SourceOptions, open_sources

    if preset == "default":
        written = frames_of_dataset(open_dataset(path), reading, out, video=video)
    elif DatasetLayout(path).info.is_file():
        raise UsageError(
            "a dataset holds no raw samples, which the preset gazex needs",
            where=path.name,
            remedy="name the session or the source from which it was built",
        )
    else:
        pseudonyms = None if key is None else KeyedPseudonyms(check_key(key))
        sources = open_sources(path, options=SourceOptions(images=images, pseudonyms=pseudonyms))
        written = gazex_frames_of_sources(sources, reading, out, video=video)
    sentences = len({frame.sentence_id for frame in written})
    said = f"{out}: {len(written)} frames of {sentences} sentences"
    emit(written if as_json else said, as_json=as_json)
