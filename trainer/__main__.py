"""``python -m trainer``: the same program, for torchrun, which starts modules."""

from trainer.commands import main

main(prog_name="trainer")
