.PHONY: demo test check docs bench setup

# Record, build, fit and look: demo/index.html.
demo: setup
	.venv/bin/python scripts/demo.py

test:
	scripts/test

check:
	scripts/check

docs: setup
	.venv/bin/sphinx-build -W --keep-going -q docs docs/_build

bench:
	scripts/bench

setup:
	scripts/setup
