"""Names for MLflow, which rejects many characters and names that are not plain paths."""

import hashlib
import re

_REFUSED = re.compile(r"[^\w\-. :/]")
_LONGEST = 250


def mlflow_name(name: str) -> str:
    """Return the name if MLflow accepts it, else a similar unique name.

    `accuracy@1` becomes `accuracy_1 5a1c`: the last word is a digest of the name.
    """
    parts = [part if part.strip(". ") else "_" for part in _REFUSED.sub("_", name).split("/")]
    plain = "/".join(parts)
    if plain == name and len(plain) <= _LONGEST:
        return name
    mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:4]
    return f"{plain[: _LONGEST - len(mark) - 1]} {mark}"
