"""Folders of tiny models, each written once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a family's tiny model; not to be written to."""

    @cache
    def folder(family: str) -> Path:
        from tests.unit.trainer.tiny_families import write_tiny

        return write_tiny(tmp_path_factory.mktemp(family), family)

    return folder
