"""Messages for callers from Python: options of commands as arguments of calls."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sr_models.errors import UserError

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

_CALLS = {
    "name": "name=",
    "results": "results=",
    "address": "address =",
    "max-time": "max_time=",
    "force": "resume(force=True)",
    "resume": "resume()",
    "extend N": "resume(extend=N)",
}
_OPTION = re.compile(rf"--({'|'.join(_CALLS)})(?![\w-])")


def in_python(text: str) -> str:
    """Return a message with calls of `tuner` in place of options of `python -m tuner.run`."""
    return _OPTION.sub(lambda option: _CALLS[option[1]], text)


def told_in_python(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Let the errors of a function name arguments, not options."""

    @wraps(function)
    def told(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        try:
            return function(*args, **kwargs)
        except UserError as error:
            error.args = (in_python(str(error)),)
            raise

    return told
