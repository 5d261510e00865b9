"""Configuration files: what is wrong is named by field, with the near name."""

from pathlib import Path

import msgspec
import pytest

from gazekit.model.config import load_toml, parse_toml, to_toml
from gazekit.model.errors import ProblemsError, UsageError
from gazekit.model.protocol import Protocol, load_protocol

GOOD = 'title = "t"\nversion = "1"\n[images]\nsynthetic = 2\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "p.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_protocol_round_trips_through_toml(tmp_path: Path) -> None:
    text = GOOD + '[[steps]]\ncode = "A"\nname = "Airways"\nterms = ["trachea", "a \\"b\\""]\n'
    protocol = load_protocol(write(tmp_path, text))
    assert protocol.steps[0].terms == ("trachea", 'a "b"')
    assert parse_toml(to_toml(protocol), Protocol, where="again") == protocol


def test_an_unknown_key_is_named_with_the_near_one(tmp_path: Path) -> None:
    text = GOOD + "[calibration]\nmax_acuracy_deg = 1.0\n"
    with pytest.raises(
        UsageError,
        match=r"p\.toml: calibration\.max_acuracy_deg: unknown key.*'max_accuracy_deg'",
    ):
        load_protocol(write(tmp_path, text))


def test_an_unknown_key_in_a_list_of_tables_is_named_by_its_place(tmp_path: Path) -> None:
    text = (
        GOOD + '[[steps]]\ncode = "A"\nname = "x"\n[[steps]]\ncode = "B"\nname = "y"\nterm = []\n'
    )
    with pytest.raises(UsageError, match=r"steps\[1\]\.term: unknown key.*'terms'"):
        load_protocol(write(tmp_path, text))


def test_several_unknown_keys_are_all_listed(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        load_protocol(write(tmp_path, "colour = 1\n" + GOOD + "[viewer]\nzom = true\n"))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "not valid TOML"),
        (GOOD.replace("2", '"two"'), r"images\.synthetic"),
        ('version = "1"\n[images]\nsynthetic = 2\n', "title"),
        (GOOD + 'folder = "x"\n', "exactly one of synthetic, list, folder"),
        (GOOD.replace("synthetic = 2", 'order = "given"'), "found none"),
        (GOOD + 2 * '[[steps]]\ncode = "A"\nname = "x"\n', "two steps have one code"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load_protocol(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named_without_its_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^nowhere\.toml: no such file"):
        load_toml(tmp_path / "nowhere.toml", Protocol)


class _Inner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rate: float = 1.0
    names: tuple[str, ...] = ()


class _Outer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    inner: _Inner = _Inner()
    by_name: dict[str, _Inner] = {}
    text: str | None = None


def test_settings_override_the_file_in_toml_syntax() -> None:
    outer = parse_toml(
        "[inner]\nrate = 2.0\n",
        _Outer,
        where="x",
        overrides=["inner.rate=3.5", 'inner.names=["a"]', "text=plain", "by_name.k.rate=1.0"],
    )
    assert outer == _Outer(
        inner=_Inner(rate=3.5, names=("a",)), text="plain", by_name={"k": _Inner()}
    )


@pytest.mark.parametrize("setting", ["inner.rate", "=3", "text.deeper=1"])
def test_a_setting_that_is_none_is_refused(setting: str) -> None:
    with pytest.raises(UsageError):
        parse_toml('text = "t"\n', _Outer, where="x", overrides=[setting])


def test_unknown_keys_are_found_inside_tables_of_tables() -> None:
    with pytest.raises(UsageError, match=r"by_name\.k\.rat: unknown key.*'rate'"):
        parse_toml("[by_name.k]\nrat = 1.0\n", _Outer, where="x")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("seed = -1", "seed"),
        ('reader_pattern = "["', "reader_pattern"),
        ("screen.width_mm = -3.0", "screen.width_mm"),
        ("screen.width_px = 0", "screen.width_px"),
        ("screen.distance_mm = nan", "screen.distance_mm"),
        ("reading.max_s = 0.0", "reading.max_s"),
        ("viewer.background = 7.0", "viewer.background"),
        ("calibration.max_data_loss = 2.0", "calibration.max_data_loss"),
    ],
)
def test_a_protocol_s_value_out_of_range_is_named(tmp_path: Path, line: str, field: str) -> None:
    with pytest.raises(UsageError, match=rf"p\.toml: {field.replace('.', '[.]')}: "):
        load_protocol(write(tmp_path, f"{line}\n{GOOD}"))


def test_a_folder_is_no_configuration_file() -> None:
    with pytest.raises(UsageError, match=r"^\.: this is a folder"):
        load_toml(Path(), Protocol)
