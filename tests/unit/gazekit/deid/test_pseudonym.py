"""Are pseudonyms the same under one key, others under another, and is the key nowhere else?"""

import pickle
from pathlib import Path

import pytest

from gazekit.deid import KeyedPseudonyms, PassingPseudonyms, check_key
from gazekit.model.errors import UsageError


def _key(folder: Path, text: str = "0123456789abcdef" * 4, name: str = "key.txt") -> Path:
    path = folder / name
    path.write_text(text + "\n", "utf-8")
    return path


def test_one_key_one_pseudonym_and_domains_apart(tmp_path: Path) -> None:
    names = KeyedPseudonyms(_key(tmp_path))
    again = KeyedPseudonyms(_key(tmp_path, name="copy.txt"))
    other = KeyedPseudonyms(_key(tmp_path, "fedcba9876543210" * 4, "other.txt"))
    assert names("patient", "19999999") == again("patient", "19999999")
    assert names("patient", "19999999") != other("patient", "19999999")
    assert names("patient", "1") != names("study", "1").replace("stu", "pat")
    assert names("patient", "1") != names("patient", "2")
    assert "19999999" not in names("patient", "19999999")


def test_the_key_travels_by_its_path_only(tmp_path: Path) -> None:
    names = KeyedPseudonyms(_key(tmp_path))
    before = names("patient", "1")
    packed = pickle.dumps(names)
    assert b"0123456789abcdef" not in packed
    assert pickle.loads(packed)("patient", "1") == before  # noqa: S301 - just pickled
    assert "0123456789" not in repr(names)
    assert "_secret" not in repr(PassingPseudonyms())


def test_passing_pseudonyms_hold_for_one_object(tmp_path: Path) -> None:
    first, second = PassingPseudonyms(), PassingPseudonyms()
    assert first("patient", "1") == first("patient", "1")
    assert first("patient", "1") != second("patient", "1")


@pytest.mark.parametrize("text", ["", "short"])
def test_a_short_key_is_refused_with_the_way_to_make_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"secrets\.token_hex"):
        check_key(_key(tmp_path, text))


def test_a_missing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such key file"):
        check_key(tmp_path / "nowhere")
