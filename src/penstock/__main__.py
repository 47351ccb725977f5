"""`python -m penstock` is `penstock`."""

from penstock.server.cli import main

main(prog_name="penstock")
