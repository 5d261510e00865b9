"""Eye trackers behind one protocol: the vendors' two packages, and a simulated one."""
