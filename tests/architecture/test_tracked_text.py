"""Are the tracked files free of what belongs to one machine?"""

import re
from pathlib import Path

import pytest

# Written in pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    r"(?<![\w.~/<>}-])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me|tm" + r"p|Us" + r"ers|op" + r"t)/\w"
)
REGISTRIES = re.compile(
    r"(?:py" + r"pi\.org|pythonhosted\.|download\.pyt" + r"orch|deb\.deb" + r"ian|npm" + r"js\.)",
    re.IGNORECASE,
)
BINARY = {".dcm", ".flac", ".npz", ".parquet", ".png", ".jpg", ".wav", ".arrows", ".safetensors"}


@pytest.mark.parametrize(
    "pattern", [MACHINE_PATHS, REGISTRIES], ids=["no machine path", "no registry host"]
)
def test_tracked_text_belongs_to_no_machine(
    root: Path, tracked_files: list[Path], pattern: re.Pattern[str]
) -> None:
    found = [
        f"{file.relative_to(root)}:{number}: {line.strip()}"
        for file in tracked_files
        if file.suffix not in BINARY
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_the_patterns_find_what_they_look_for() -> None:
    for folder in ("work", "root", "home", "tmp", "Users", "opt"):
        assert MACHINE_PATHS.search(f'"/{folder}/somebody/file"')
    assert MACHINE_PATHS.search("a/tmp/b") is None
    assert REGISTRIES.search("https://" + "pypi" + ".org/simple")
