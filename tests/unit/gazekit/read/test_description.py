"""Is a source description read as it stands, and refused with the near name where it is wrong?"""

from pathlib import Path

import pytest

from gazekit.model.errors import UsageError
from gazekit.read import load_description, open_sources

TEXT = """
[source]
kind = "tobii_tsv"

[screen]
width_px = 1920
height_px = 1080
width_mm = 509.2
height_mm = 286.4
distance_mm = 650.0

[[reading]]
recording = "1.tsv"
image = "chest.dcm"
reader = "R01"
placement = [0.0, 0.0, 100.0, 100.0]
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "source.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_description_names_its_readings(tmp_path: Path) -> None:
    description = load_description(_write(tmp_path, TEXT))
    (entry,) = description.reading
    assert entry.reading_id == "R01-1"
    assert entry.placement == (0.0, 0.0, 100.0, 100.0)
    assert not description.source.simulated


def test_a_folder_with_one_is_a_source_and_so_is_the_file(tmp_path: Path) -> None:
    path = _write(tmp_path, TEXT)
    assert open_sources(tmp_path) == open_sources(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("placement", "placment", "Did you mean 'placement'"),
        ('"tobii_tsv"', '"tobii"', "kind"),
        ("650.0", "0.0", "distance_mm must be positive"),
        ("[0.0, 0.0, 100.0, 100.0]", "[0.0, 0.0, 0.0, 100.0]", "the placement is empty"),
        ("[0.0, 0.0, 100.0, 100.0]", '"fill"', "placement"),
        ('"R01"', '"John Doe"', "the reader is no pseudonym"),
        ("[[reading]]", "[[readings]]", "unknown key"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("(", r"\(")):
        open_sources(_write(tmp_path, TEXT.replace(old, new)))


@pytest.mark.parametrize("key", ["reader", "patient", "study"])
def test_a_name_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    line = f'{key} = "Doe^Jane"'
    text = TEXT.replace('reader = "R01"', line if key == "reader" else f'reader = "R01"\n{line}')
    with pytest.raises(UsageError, match=f"the {key} is no pseudonym") as caught:
        load_description(_write(tmp_path, text))
    assert "Jane" not in str(caught.value)


def test_two_readings_of_one_id_are_refused(tmp_path: Path) -> None:
    doubled = TEXT + TEXT[TEXT.index("[[reading]]") :]
    with pytest.raises(UsageError, match="two readings have one id"):
        load_description(_write(tmp_path, doubled))
