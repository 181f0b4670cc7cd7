"""A part of a config that is the user's own code: a network, a loss, an optimizer, a sampler."""

import inspect
import re
from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue, field_validator

from sr_models.errors import CodeError
from sr_models.frozen import FrozenConfig
from sr_models.source import FORM, Source


class OwnPart(FrozenConfig):
    """A part of a config that is the user's own code."""

    code: str
    """A class or function: `module:name`, or `file.py:name` relative to the current folder."""

    args: dict[str, JsonValue] = Field(default_factory=dict)
    """The arguments that it is called with, by name. A search reaches `args.NAME` like any other
    setting."""

    @field_validator("code")
    @classmethod
    def code_names_code(cls, code: str) -> str:
        """Check only the form: nothing is imported before it is built."""
        if not re.fullmatch(r"[^:]+:\w+(\.\w+)*", code):
            raise ValueError(f"must be {FORM}")
        return code

    def load(self) -> Any:
        """Import the code.

        Raises:
            CodeError: it cannot be imported, or has no such name.
        """
        return Source.parse(self.code, Path.cwd()).load(Path.cwd())

    def takes(self, name: str) -> bool:
        """Import the code; return whether it has a parameter of this name.

        Raises:
            CodeError: it cannot be imported.
        """
        found = self.load()
        try:
            return name in inspect.signature(found).parameters
        except (TypeError, ValueError):  # some builtins have no signature
            return False

    def parameters(self) -> list[str] | None:
        """Import the code; return the names of its parameters, or None if it takes any.

        Raises:
            CodeError: it cannot be imported.
        """
        found = self.load()
        try:
            known = inspect.signature(found).parameters
        except (TypeError, ValueError):  # some builtins have no signature
            return None
        if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in known.values()):
            return None
        return list(known)

    def call(self, *given: Any, **more: Any) -> Any:
        """Import the code and call it with `args`.

        Args:
            given: positional arguments.
            more: further arguments by name.

        Raises:
            CodeError: it cannot be imported, or does not take the arguments.
        """
        made = self.load()
        try:
            return made(*given, **more, **self.args)
        except Exception as error:  # the user's code may raise anything
            raise CodeError(
                f"{self.code} cannot be built with args {self.args}: "
                f"{str(error) or type(error).__name__}"
            ) from error
