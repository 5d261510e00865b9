"""The dialog for those who never open a terminal: choose, check, start."""
