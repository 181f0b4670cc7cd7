"""`sr-tuner`: all commands of the project as its subcommands.

Only the module of the command that runs is imported, so that `sr-tuner --help` answers at once.
"""

import sys
from importlib import import_module
from typing import NoReturn

import typer

from tuner.cli import run_app

COMMANDS = {
    "run": ("tuner", "Search: train many settings and keep the results."),
    "report": ("tuner", "Compare the trials of studies, as a table or a page."),
    "dashboard": ("tuner", "Look at studies in a browser, while they run or after."),
    "confirm": ("tuner", "Train the best trials again, with several seeds."),
    "export": ("tuner", "Export a model, or a copy of the study for other tools."),
    "describe": ("sr_models", "Count and measure a folder of images."),
    "evaluate": ("sr_models", "Score a model on test sets."),
    "upscale": ("sr_models", "Upscale images with a model."),
}
"""Name of a command, and of its module and function -> the module's package, and a description."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command that `arguments` begin with.

    Args:
        arguments: by default those of this process.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    app = typer.Typer(
        help="Hyperparameter search for super-resolution, or a training of your own. "
        "Example: sr-tuner report STUDY",
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
    )
    for name, (package, summary) in COMMANDS.items():
        if arguments[:1] == [name]:
            app.command(name)(getattr(import_module(f"{package}.{name}"), name))
        else:
            app.command(name, help=summary)(_not_chosen)
    run_app(app, arguments)


def _not_chosen() -> None:
    """Stands in for a command that is only listed."""


if __name__ == "__main__":
    main()
