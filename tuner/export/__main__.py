"""`python -m tuner.export`."""

from tuner.cli import run_command
from tuner.export.command import export

run_command(export)
