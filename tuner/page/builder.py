"""The page as a single HTML file: template, style, script and data.

The page loads nothing from elsewhere, and its own policy (CSP) forbids it: only the script and
style whose hashes are in the policy run, and pictures are in the file itself.
"""

import base64
import hashlib
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tuner.analysis.labels import folder_labels
from tuner.analysis.snapshot import Snapshot, read_snapshot
from tuner.page.analysis_data import analysis_data
from tuner.page.bundle import bundle, style
from tuner.page.embedded import Blocks, embedded_pictures
from tuner.page.study_data import FORMAT, study_data
from tuner.page.trial_files import folders_data
from tuner.records import Records

FOLDER = Path(__file__).parent


def build_page(studies: Sequence[Path], *, title: str | None = None) -> str:
    """Return a self-contained HTML page about the studies in these results folders.

    Args:
        studies: the folders.
        title: the title of the page; by default it names the studies.

    Raises:
        RecordsError: a folder is not a study, or its study.db is damaged.
    """
    read = [_read(folder) for folder in studies]
    names = folder_labels(
        studies
    )  # as in commands: the folder may have another name than the study
    kept = {key: Blocks(f"pictures{index}") for index, key in enumerate(unique(names))}
    data = {
        key: study_data(snapshot, key=key, place=place(folder), revision=revision)
        | {
            "analysis": analysis_data(snapshot),
            "pictures": embedded_pictures(snapshot, kept[key]),
            "folders": folders_data(snapshot),
        }
        for key, folder, (snapshot, revision) in zip(kept, studies, read, strict=True)
    }
    index = [
        {"key": key, "name": study["name"], "status": study["status"]}
        for key, study in data.items()
    ]
    return render(
        {**page_facts(), "live": None, "index": index, "studies": data},
        title=title or ", ".join(data),
        blocks={name: text for pictures in kept.values() for name, text in pictures.texts.items()},
    )


def page_facts() -> dict[str, Any]:
    """Return what the page says about itself."""
    return {"format": FORMAT, "made": time.time(), "version": _version()}


def render(
    data: Mapping[str, Any], *, title: str, blocks: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """Return the page for some data, with a policy that allows nothing but its own parts.

    Args:
        data: the JSON of the page.
        title: the title of the page.
        blocks: texts that are read only when they are needed: identity -> name -> text.
    """
    from jinja2 import Environment, FileSystemLoader, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(default=True)
    )
    script, sheet = bundle(), style()
    return environment.get_template("template.html").render(
        title=title,
        policy=policy(script, sheet, live=data.get("live") is not None),
        script=_raw(f"\n{script}"),
        style=_raw(f"\n{sheet}"),
        data=_raw(script_json(data)),
        blocks=[(name, _raw(script_json(texts))) for name, texts in (blocks or {}).items()],
    )


def policy(script: str, style: str, *, live: bool) -> str:
    """Return the content security policy of the page: only this script, only this style."""
    rules = {
        "default-src": "'none'",
        "script-src": f"'sha256-{_digest(script)}'",
        "style-src": f"'sha256-{_digest(style)}'",
        "img-src": "'self' data: blob:" if live else "data: blob:",
        "connect-src": "'self'" if live else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def script_json(data: Any) -> str:
    """Return JSON that is safe inside a script element, whatever texts it holds."""
    try:
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError:  # a setting or a note is not finite, which JSON cannot represent
        return script_json(_spelt_out(data))
    escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028"}
    for character, escape in escapes.items():
        text = text.replace(character, escape)
    return text.encode("utf-8", "replace").decode()


def place(folder: Path) -> str:
    """Return a folder's name in commands: relative to the current folder, never absolute."""
    relative = os.path.relpath(folder.resolve())
    inside = not relative.startswith("..") and not os.path.isabs(relative)
    return Path(relative).as_posix() if inside else f"results/{folder.resolve().name}"


def unique(names: Sequence[str]) -> list[str]:
    """Return the names, numbered if they repeat."""
    keys: list[str] = []
    for name in names:
        count = 1
        while (key := name if count == 1 else f"{name} ({count})") in keys:
            count += 1
        keys.append(key)
    return keys


def _read(folder: Path) -> tuple[Snapshot, int]:
    with Records.open(folder) as records:
        # before the rows, so that what is written in between comes with the first update
        revision = records.revision
        return read_snapshot(records), revision


def _spelt_out(data: Any) -> Any:
    """The same data with `nan` and `inf` as text."""
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    if isinstance(data, Mapping):
        return {key: _spelt_out(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_spelt_out(value) for value in data]
    return data


def _raw(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(f"\n{text}".encode()).digest()).decode()


def _version() -> str:
    try:
        return version("sr-tuner")
    except PackageNotFoundError:
        return "development"
