"""``gazekit deid``: de-identify a folder of DICOM files."""

from pathlib import Path

import click

from gazekit.console import emit, progress, say

__all__ = ["command"]


@click.command()
@click.argument("src", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--key", required=True, type=click.Path(path_type=Path), help="Key file for pseudonyms."
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME",
    help="clean-pixel-data, retain-longitudinal-modified-dates, retain-patient-characteristics, "
    "retain-device-identity, retain-institution-identity, retain-uids.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(src: Path, out: Path, *, key: Path, options: tuple[str, ...], as_json: bool) -> int:
    """De-identify the DICOM files under SRC into OUT (DICOM PS3.15, Basic Profile, stricter).

    Only listed attributes stay. Images that do not exclude burned-in annotation are held back in
    OUT/held and listed in OUT/review.csv with their corners as pictures: look at them, write
    share or drop into the column decision, and run the command again. A second run makes only
    what is missing. Exit code 3 says that a file was left out or held back.
    """
    from gazekit.deid import KeyedPseudonyms, check_key, deidentify_folder
    from gazekit.model.layout_outputs import DeidLayout

    pseudonyms = KeyedPseudonyms(check_key(key))
    with progress("files") as ticker:
        result = deidentify_folder(
            src, out, pseudonyms, options=options, progress=lambda _done, _total: ticker.tick()
        )
    for number, why in result.excluded:
        say(f"left out: file {number} in the order of their paths: {why}")
    if result.review:
        say(f"{result.review} to review: look, and write share or drop in {DeidLayout(out).review}")
    emit(
        result
        if as_json
        else f"{out}: {result.made} made, {result.reused} there already, "
        f"{result.held} held back, {result.review} to review, {len(result.excluded)} left out",
        as_json=as_json,
    )
    return result.exit_code
