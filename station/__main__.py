"""`python -m station`: the command line."""

from station.cli import main

main(prog_name="station")
