"""Keeping keys and tokens out of everything that is written or shown."""

import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

HIDDEN = "***"

_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|ACCESS_?KEY|CREDENTIAL", re.IGNORECASE)
_USER_INFO = re.compile(r"(?<=://)[^/?#\s'\"]*@")
_SECRET_FIELD = re.compile(  # only from where a word begins: long words would take their square
    r"(?i)((?<![\w-])[\w-]*(?:token|secret|passw(?:or)?d|api[_-]?key|access[_-]?key)[\w-]*"
    r"['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*)[^\s&'\",;)}\]]+(?<![:.])"
)
_AUTHORIZATION = re.compile(r"(?i)\b(basic|bearer)\s+[\w.~+/=-]{6,}")
_SHORTEST = 6  # a shorter value hides little, and would blank out ordinary words and numbers


def scrub(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return `text` with every secret that can be recognised replaced by `***`.

    These are the values of environment variables whose names say that they are secret
    (`NEPTUNE_API_TOKEN`, `WANDB_API_KEY`, `MLFLOW_TRACKING_PASSWORD` and so on), user and password
    in addresses, `token=...` and similar fields, and Authorization headers.

    Args:
        text: the text to clean.
        environment: the variables; by default those of this process.
    """
    for value in _secret_values(os.environ if environment is None else environment):
        text = text.replace(value, HIDDEN)
    text = _USER_INFO.sub(f"{HIDDEN}@", text)
    text = _AUTHORIZATION.sub(rf"\1 {HIDDEN}", text)
    return _SECRET_FIELD.sub(rf"\g<1>{HIDDEN}", text)


def has_credentials(uri: str) -> bool:
    """Return whether an address contains a user, a password or a token."""
    return scrub(uri, {}) != uri


def _secret_values(environment: Mapping[str, str]) -> Iterator[str]:
    values = set()
    for name, value in environment.items():
        if _SECRET_NAME.search(name):
            values.add(value)
        elif "://" in value and "@" in value:  # MLFLOW_TRACKING_URI=http://me:secret@host
            values |= {
                part
                for found in _USER_INFO.findall(value)
                for part in found.removesuffix("@").split(":", 1)[1:]
            }
    values |= {unquote(value) for value in values}
    # The longest first: a secret may be the beginning of another.
    yield from sorted((v for v in values if len(v) >= _SHORTEST), key=len, reverse=True)
