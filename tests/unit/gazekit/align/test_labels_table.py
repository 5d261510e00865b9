"""How often does the proxy labeller say what the authors of two tables of sentences said?

Both tables and the rules have the same authors: the first was written beside the rules, the
second after they were frozen, and the rules were not changed for it. Neither is a set of reports.
"""

from pathlib import Path

import pytest

from gazekit.align import assertions_of

HERE = Path(__file__).parent
CODES = {
    "NF": "No Finding",
    "EC": "Enlarged Cardiomediastinum",
    "CM": "Cardiomegaly",
    "LO": "Lung Opacity",
    "LL": "Lung Lesion",
    "ED": "Edema",
    "CO": "Consolidation",
    "PN": "Pneumonia",
    "AT": "Atelectasis",
    "PX": "Pneumothorax",
    "PE": "Pleural Effusion",
    "PO": "Pleural Other",
    "FR": "Fracture",
    "SD": "Support Devices",
}
SIGNS = {"+": "present", "-": "absent", "?": "uncertain"}
RANK = "-?+"


def table(name: str) -> list[tuple[str, dict[str, str]]]:
    rows = []
    for line in (HERE / name).read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        said, _, text = line.partition("|")
        # FR- FR+: of two mentions the more affirmative counts.
        codes = sorted(said.split(), key=lambda code: RANK.index(code[-1]))
        rows.append((text.strip(), {CODES[code[:2]]: SIGNS[code[-1]] for code in codes}))
    return rows


def wrong(name: str) -> list[str]:
    return [
        f"{text} | expected {expected} | found {dict(assertions_of(text))}"
        for text, expected in table(name)
        if dict(assertions_of(text)) != expected
    ]


@pytest.mark.parametrize(
    ("name", "least", "share"),
    [("sentences_rules.txt", 150, 0.98), ("sentences_heldout.txt", 60, 0.75)],
)
def test_sentences_are_labelled_as_written(name: str, least: int, share: float) -> None:
    rows = table(name)
    assert len(rows) >= least
    failed = wrong(name)
    assert len(failed) <= (1 - share) * len(rows), "\n".join(failed)
