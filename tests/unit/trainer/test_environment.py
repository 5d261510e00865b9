"""Is each fault of the packages one line with its remedy, the same in doctor and in a run?"""

from pathlib import Path

import pytest

from gazekit.model.errors import UnfitError
from trainer import environment
from trainer.doctor import Finding, examine

GOOD = {"torch": "2.13.0+cpu", "transformers": "5.24.0", "peft": "0.21.2"}
BROKEN = "RuntimeError: operator torchvision::nms does not exist"
CASES: dict[str, tuple[dict[str, str | None], str]] = {
    "old": (
        {"transformers": "4.57.1"},
        "transformers: too old (expected >= 5.3, < 6, found 4.57.1)",
    ),
    "new": ({"transformers": "6.0.0"}, "transformers: too new (expected >= 5.3, < 6, found 6.0.0)"),
    "none": ({"transformers": None}, "transformers: not installed (expected >= 5.3, < 6)"),
    "peft": ({"peft": None}, "peft: not installed (expected >= 0.18)"),
    "vision": (
        {"torchvision": "0.20.1"},
        "torchvision: does not fit torch, and breaks transformers (found 0.20.1 beside torch "
        "2.13.0+cpu: " + BROKEN + ")",
    ),
}


def _machine(monkeypatch: pytest.MonkeyPatch, versions: dict[str, str | None]) -> None:
    monkeypatch.setattr(environment, "installed", {**GOOD, **versions}.get)
    monkeypatch.setattr(
        environment, "tried", lambda code: BROKEN if "torchvision" in code else None
    )


@pytest.mark.parametrize("name", CASES)
def test_a_run_and_the_doctor_say_the_same_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    versions, line = CASES[name]
    _machine(monkeypatch, versions)
    with pytest.raises(UnfitError) as raised:
        environment.require_hf(lora=True)
    said = str(raised.value)
    assert said.startswith(f"{line}. ")
    assert "pip " in said
    assert "\n" not in said
    assert said in [_line(finding) for finding in examine(None, tmp_path)]


def _line(finding: Finding) -> str:
    remedy = finding.remedy or ""
    return f"{finding.check}: {finding.found}. {remedy[:1].upper()}{remedy[1:]}"


def test_a_machine_that_fits_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    _machine(monkeypatch, {})
    environment.require_hf(lora=True)
    _machine(monkeypatch, {"peft": None})
    environment.require_hf(lora=False)
