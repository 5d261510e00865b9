"""Is every fault of a protocol named with its key, its line and the near name?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.protocol_check import protocol_problems
from capture.protocol_meanings import MEANINGS
from capture.protocol_page import protocol_page
from gazekit.model.config import parse_toml, to_toml
from gazekit.model.config_problems import line_of
from gazekit.model.errors import UsageError
from gazekit.model.protocol import Protocol, load_protocol

ROOT = Path(__file__).resolve().parents[3]
PROTOCOLS = [*sorted((ROOT / "protocols").glob("c*.toml")), ROOT / "protocols/pilot_mouse.toml"]
HEAD = 'title = "Test"\nversion = "1"\n[images]\n'


def found(path: Path, text: str) -> list[tuple[str, int | None, str | None]]:
    path.write_text(text, "utf-8")
    return [(p.key, p.line, p.remedy) for p in protocol_problems(path)]


@pytest.mark.parametrize("path", PROTOCOLS, ids=lambda path: path.stem)
def test_the_protocols_of_the_project_are_sound(path: Path) -> None:
    assert protocol_problems(path) == []
    protocol = load_protocol(path)
    assert parse_toml(to_toml(protocol), Protocol, where=path.name) == protocol


def test_every_fault_has_key_line_and_near_name(tmp_path: Path) -> None:
    text = (
        'vesion = "1"\n[images]\nsynthetic = -3\norder = "randm"\n'
        '[calibration]\npoints = 7\n[viewer.keys]\nfitt = ["f"]\n'
        '[[steps]]\ncode = "A"\nname = "Airways"\n[[steps]]\ncode = 1\nname = "x"\n'
    )
    assert found(tmp_path / "p.toml", text) == [
        ("vesion", 1, "Did you mean 'version'?"),
        ("images.synthetic", 3, None),
        ("images.order", 4, "Did you mean 'random'?"),
        ("calibration.points", 6, "Known values: 5, 9, 13"),
        ("viewer.keys.fitt", 8, "Did you mean 'fit'?"),
        ("steps[1].code", 13, None),
        ("title", None, "Write it at the top of the file"),
        ("version", None, "Write it at the top of the file"),
    ]


@pytest.mark.parametrize(
    ("more", "key", "line"),
    [
        ('folder = "nowhere"\n', "images.folder", 4),
        ('list = "none.csv"\n', "images.list", 4),
        ('folder = "a"\nsynthetic = 1\n', "images", 3),
        ('synthetic = 1\n[viewer.keys]\nfit = ["r"]\n', "viewer.keys", 5),
    ],
    ids=["folder", "list", "two origins", "one key twice"],
)
def test_rules_between_keys_and_missing_images(
    tmp_path: Path, more: str, key: str, line: int
) -> None:
    (problem,) = found(tmp_path / "p.toml", HEAD + more)
    assert problem[:2] == (key, line)


def test_each_missing_image_of_a_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("file,patient\na.png,P1\nb.png,P2\n", "utf-8")
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "p.toml").write_text(HEAD + 'list = "list.csv"\n', "utf-8")
    (problem,) = protocol_problems(tmp_path / "p.toml")
    assert problem.what == "list.csv line 3: no such image file"
    (tmp_path / "list.csv").write_text("name\na.png\n", "utf-8")
    (problem,) = protocol_problems(tmp_path / "p.toml")
    assert "no column 'file'" in problem.what


def test_what_is_no_toml_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text('title = "a"\nversion = \n', "utf-8")
    (problem,) = protocol_problems(tmp_path / "p.toml")
    assert problem.line == 2
    with pytest.raises(UsageError, match="no such file"):
        protocol_problems(tmp_path / "none.toml")


@given(names=st.lists(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True), min_size=1, unique=True))
def test_a_key_is_found_on_its_line(names: list[str]) -> None:
    text = "# head\n\n[table]\n" + "".join(f"{name} = 1\n" for name in names)
    assert [line_of(text, f"table.{name}") for name in names] == list(range(4, 4 + len(names)))


def test_the_page_of_keys_is_that_of_the_records() -> None:
    page = (ROOT / "docs" / "protocols.md").read_text("utf-8")
    made = protocol_page().rstrip() + "\n"
    assert page == made, "type: capture protocol schema > docs/protocols.md"


def test_no_meaning_is_of_a_key_that_is_gone() -> None:
    page = protocol_page()
    assert [key for key in MEANINGS if f"| `{key.rpartition('.')[2]}` |" not in page] == []
