"""Names as MLflow takes them: it refuses many characters, and what is no plain path."""

import hashlib
import re

_REFUSED = re.compile(r"[^\w\-. :/]")
_LONGEST = 250


def mlflow_name(name: str) -> str:
    """The name itself where MLflow takes it, else one like it that no other name becomes.

    `accuracy@1` becomes `accuracy_1 5a1c`: the last word is made of the name.
    """
    parts = [part if part.strip(". ") else "_" for part in _REFUSED.sub("_", name).split("/")]
    plain = "/".join(parts)
    if plain == name and len(plain) <= _LONGEST:
        return name
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:4]
    return f"{plain[: _LONGEST - len(mark) - 1]} {mark}"
