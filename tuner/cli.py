"""What all commands share: the contract of exit codes, which is sr_models'."""

from sr_models.cli import run_app, run_command
from sr_models.exits import EXIT_FAILED, EXIT_WRONG_USE

__all__ = ["EXIT_FAILED", "EXIT_WRONG_USE", "run_app", "run_command"]
