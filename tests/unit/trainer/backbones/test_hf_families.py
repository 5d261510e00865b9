"""Is each family known by its name, and told in one line where it is not?"""

import pytest

pytest.importorskip("transformers", reason="needs transformers, of the extra 'hf'")

from gazekit.model.errors import UsageError
from trainer.backbones.hf_families import FAMILIES, family_of
from trainer.conventions import CONVENTIONS


def test_each_family_writes_places_in_a_convention_that_is_known() -> None:
    conventions = [family.convention for family in FAMILIES.values()]
    assert set(conventions) == set(CONVENTIONS)


def test_family_that_is_not_known_is_one_line_with_the_near_name() -> None:
    with pytest.raises(UsageError, match="qwen2_vl") as told:
        family_of({"model_type": "qwen2_vll"})
    assert "\n" not in str(told.value)
    assert "qwen2_vll" in str(told.value)
    with pytest.raises(UsageError, match="one of these families"):
        family_of({})
