.PHONY: demo test check docs screenshots bench setup

# Record, build, fit and look: demo/index.html.
demo: setup
	.venv/bin/python scripts/demo.py

test:
	scripts/test

check:
	scripts/check

docs: setup
	.venv/bin/sphinx-build -W --keep-going -q docs docs/_build

# The pictures of the pages, in docs/images, from the programs themselves.
screenshots: demo
	.venv/bin/python scripts/screenshots.py

bench:
	scripts/bench

setup:
	scripts/setup
