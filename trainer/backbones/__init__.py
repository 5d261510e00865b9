"""The models that a run can train; each gives text logits and an evidence map a text row."""
