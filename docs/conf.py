"""How Sphinx builds the documentation: `make docs`, then open `docs/_build/index.html`."""

from gazekit.model.version import __version__

project = "gazekit"
author = "the gazekit authors"
release = version = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"gazekit {release}"
