"""How are the findings of a reading told in words, beside where they are drawn?"""

from markupsafe import Markup

from gazekit.report.markup import block
from gazekit.report.page import note
from gazekit.report.replay.layers import named_at
from gazekit.report.replay.recording import Found, Recording

__all__ = ["finding_list"]


def finding_list(recording: Recording) -> Markup:
    """List every finding with its certainty, its origin, and when a sentence names it."""
    if not recording.findings:
        return note("No findings were marked in this reading.")
    items = [
        {
            "label": one.label,
            "said": _told(one),
            "named": [
                {"onset_us": said.onset_us, "text": f"{(said.onset_us or 0) / 1e6:.1f} s"}
                for said in named_at(one, recording.sentences)
            ],
        }
        for one in recording.findings
    ]
    return block("findings", items, template="replay_layers.html.j2")


def _told(found: Found) -> str:
    parts = [
        found.assertion,
        "no certainty given" if found.certainty is None else f"certainty {found.certainty}",
        f"origin: {found.origin.replace('_', ' ')}",
    ]
    if found.box_px is None:
        parts.append("no place given, so not drawn")
    return ", ".join(parts)
