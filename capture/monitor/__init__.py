"""The operator's live view of a running session: a process of its own that only reads."""
