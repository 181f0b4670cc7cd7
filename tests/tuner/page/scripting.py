"""Runs the page's script without a browser: its logic needs no page to be tested."""

import json
import subprocess
from typing import Any

from tuner.page.bundle import bundle

_BROWSER = """
globalThis.location = { hash: "", href: "" };
globalThis.localStorage = { getItem() { return null; }, setItem() {} };
globalThis.history = { replaceState() {}, pushState() {} };
globalThis.addEventListener = () => {};
globalThis.setInterval = () => 0;
globalThis.matchMedia = () => ({ matches: false, addEventListener() {} });
globalThis.ResizeObserver = globalThis.IntersectionObserver = class { observe() {} };
globalThis.document = { documentElement: { dataset: {}, addEventListener() {} },
                        addEventListener() {}, getElementById() { return null; } };
"""


def run_script(module: str, code: str, given: Any = None) -> Any:
    """What `code`, the body of a function, returns.

    It may use the exports of `module` (`format_js.numberText` of "format.js") and `given`.
    """
    script = f"{_BROWSER}\n{bundle(module)}\nconst given = {json.dumps(given)};\n"
    script += f"process.stdout.write(JSON.stringify((() => {{ {code} }})() ?? null));"
    done = subprocess.run(
        ["node", "-"], input=script, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
