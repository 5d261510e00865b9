"""The ``capture`` program: its verbs, each a module of this package."""

from gazekit.console import command_group

__all__ = ["main"]

main = command_group(
    "capture",
    "Record reading sessions: gaze, what the viewer showed, dictation.",
    __name__,
    {
        "run": "Record a session by a protocol.",
        "launch": "Choose, check and start in a dialog.",
        "doctor": "Check this station before the first reader comes.",
        "sync-test": "Measure how far sound and picture are apart on this station.",
        "protocol": "Check a study protocol, or show what holds in it.",
        "monitor": "Watch a session while it is recorded.",
        "list": "List the sessions under a folder: state, quality, size.",
        "verify": "Check a session folder: checksums, streams, times.",
        "recover": "Make a valid session of one that was cut.",
        "report": "Write the report of a session as one HTML page.",
        "erase": "Remove a session, or everything of a reader who withdraws.",
    },
)
