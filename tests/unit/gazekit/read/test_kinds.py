"""Is a path taken for what it holds, whatever it is called, unless the caller knows better?"""

import shutil
from pathlib import Path

import pytest

from gazekit.deid import PassingPseudonyms
from gazekit.model.errors import UsageError
from gazekit.read import SOURCES, SourceOptions, open_sources, source_kind

PUBLISHED = {
    "reflacx": "reflacx",
    "egd-cxr": "egd_cxr",
    "mimic-eye": "mimic_eye",
    "gazesearch": "gazesearch",
}
OPTIONS = SourceOptions(pseudonyms=PassingPseudonyms())


@pytest.mark.parametrize("folder", PUBLISHED)
def test_a_renamed_folder_is_still_known(formats: Path, tmp_path: Path, folder: str) -> None:
    renamed = shutil.copytree(formats / folder, tmp_path / "downloads")
    assert source_kind(renamed).name == PUBLISHED[folder]


def test_each_fixture_is_of_one_kind_alone(formats: Path) -> None:
    for folder in sorted(p for p in formats.iterdir() if p.is_dir()):
        kinds = [kind.name for kind in SOURCES.values() if kind.recognise(folder)]
        assert kinds == ([PUBLISHED[folder.name]] if folder.name in PUBLISHED else []), folder


def test_the_kind_that_is_given_goes_before_the_content(formats: Path) -> None:
    (source,) = open_sources(formats / "reflacx", kind="egd_cxr", options=OPTIONS)
    (found,) = source.catalogue().excluded
    assert "master_sheet.csv: no such file" in found.detail


def test_an_unknown_kind_gets_the_near_name(formats: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'reflacx'"):
        source_kind(formats / "reflacx", "reflax")


def test_a_bare_recording_is_named_and_told_what_it_lacks(formats: Path) -> None:
    with pytest.raises(UsageError, match="an EyeLink ASC recording, which does not say what image"):
        source_kind(formats / "eyelink" / "mono.asc")


def test_a_report_among_sessions_is_to_be_left_out(tmp_path: Path) -> None:
    page = tmp_path / "ses-R01.html"
    page.write_text("<p>a report", "utf-8")
    with pytest.raises(UsageError, match=r"this is a page.*Leave it out"):
        source_kind(page)


def test_what_is_nothing_says_what_could_be_there(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(UsageError, match="REFLACX, EGD-CXR"):
        source_kind(tmp_path)
    with pytest.raises(UsageError, match="no such file or folder"):
        source_kind(tmp_path / "nowhere")


@pytest.mark.parametrize("folder", PUBLISHED)
def test_a_dataset_that_names_patients_needs_a_key(formats: Path, folder: str) -> None:
    with pytest.raises(UsageError, match="--key FILE"):
        open_sources(formats / folder)
