"""Joining the script's modules and the style sheets, so that a single file can hold them.

Browsers do not let an inline module import another module. So every module becomes a function that
returns its exports, and is called once, after all modules that it imports:

    import { h } from "./dom.js";           const { h } = dom_js;
    export function chart() { ... }    ->   const chart_js = (() => { function chart() { ... }
                                            return { chart }; })();

The modules use only two forms, which this understands: `import { a, b } from "./x.js";`, and
`export` before a function, const or class.
"""

import re
from pathlib import Path

SCRIPTS = Path(__file__).parent / "script"
STYLES = Path(__file__).parent / "style"
SHEETS = (
    *("colours", "base", "controls", "frame", "trials", "marks", "compare", "rows", "drawer"),
    *("charts", "pictures", "study", "narrow", "print"),
)
"""The style sheets, in order: rules for narrow windows or paper come after all others."""
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


def bundle(entry: str = "main.js", folder: Path = SCRIPTS) -> str:
    """Return the module `entry` with all its imports as the text of a single module."""
    parts: dict[str, str] = {}
    _collect(entry, folder, parts, ())
    return "\n".join(parts.values())


def style(folder: Path = STYLES) -> str:
    """Return all style sheets as a single sheet."""
    return "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS)


def _collect(name: str, folder: Path, parts: dict[str, str], importers: tuple[str, ...]) -> None:
    if name in parts:
        return
    assert name not in importers, f"{name} imports itself by way of {importers}"
    text = (folder / name).read_text(encoding="utf-8")
    for _, imported in _IMPORT.findall(text):
        _collect(imported, folder, parts, (*importers, name))
    parts[name] = _wrapped(name, text)


def _wrapped(name: str, text: str) -> str:
    exported = ", ".join(_EXPORT.findall(text))
    body = _IMPORT.sub(lambda found: f"const {{{found[1]}}} = {_variable(found[2])};", text)
    body = _EXPORT.sub("", body)
    return f"const {_variable(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();"


def _variable(name: str) -> str:
    return name.replace(".", "_")
