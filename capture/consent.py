"""Does the reader consent, to which version of the form, under which ethics approval?"""

from capture.eyes import AtPoint
from capture.scene import Text
from capture.station import PROCEED, Station

__all__ = ["ask_consent"]

_PAGE_S = 1.0


def ask_consent(station: Station) -> bool:
    """Show what the session is and ask for consent; say whether it was given. Both are recorded.

    Where the protocol states no consent form the session is simulated, and nobody is asked.
    """
    protocol = station.protocol
    middle = AtPoint(*station.middle_px)
    steps = tuple(f"{step.code}   {step.name}" for step in protocol.steps)
    if protocol.consent is None:
        page = Text(protocol.title, steps, "Press space to start")
        station.page(page, seconds=_PAGE_S, look=middle)
        return True
    lines = [f"Consent form: {protocol.consent}"]
    if protocol.ethics is not None:
        lines.append(f"Ethics approval: {protocol.ethics}")
    lines.append("Your eyes, what you see on the screen and what you say are recorded.")
    lines.append("You can end at any time with escape; what was recorded until then is kept.")
    page = Text(
        protocol.title, (*steps, *lines), "space: I have signed and agree     n: I do not agree"
    )
    key = station.page(page, seconds=_PAGE_S, keys=(*PROCEED, "n"), look=middle)
    kind = "consent_refused" if key == "n" else "consent"
    station.mark(kind, station.clock.now_us(), reference=protocol.consent, ethics=protocol.ethics)
    return key != "n"
