"""Runs the page's script without a browser: its logic needs no page to be tested.

One Node.js process runs them all, each in a context of its own, so that a test takes milliseconds.
"""

import atexit
import json
import subprocess
from functools import cache
from typing import Any

from tuner.page.bundle import bundle

_BROWSER = """
globalThis.location = { hash: "", href: "" };
globalThis.localStorage = { getItem() { return null; }, setItem() {} };
globalThis.history = { replaceState() {}, pushState() {} };
globalThis.addEventListener = () => {};
globalThis.setInterval = () => 0;
globalThis.matchMedia = () => ({ matches: false, addEventListener() {} });
globalThis.ResizeObserver = globalThis.IntersectionObserver = class {
  observe() {}
  unobserve() {}
};
globalThis.document = { documentElement: { dataset: {}, addEventListener() {} },
                        addEventListener() {}, getElementById() { return null; } };
"""

_RUNNER = """
const vm = require("vm");
const lines = require("readline").createInterface({ input: process.stdin });
let modules = null; // the first line; compiled once
// one test's late failure must not take the others' process away
process.on("unhandledRejection", (error) => process.stderr.write(`${error?.stack ?? error}\n`));
lines.on("line", (line) => {
  if (!modules) {
    modules = new vm.Script(JSON.parse(line));
    return;
  }
  let answer;
  try {
    const context = vm.createContext({ URLSearchParams, performance, setTimeout, clearTimeout });
    modules.runInContext(context);
    answer = { found: vm.runInContext(JSON.parse(line), context) };
  } catch (error) {
    answer = { error: String(error.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\\n");
});
"""


def run_script(code: str, given: Any = None) -> Any:
    """What `code`, the body of a function, returns.

    It may use `given`, and what any module exports (`format_js.numberText` of format.js).
    """
    script = f"JSON.stringify(((given) => {{ {code} }})({json.dumps(given)}) ?? null);"
    node = _node()
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(json.dumps(script) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    assert "error" not in answer, answer["error"]
    return json.loads(answer["found"])


@cache
def _node() -> "subprocess.Popen[str]":
    node = subprocess.Popen(
        ["node", "-e", _RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(node.kill)
    assert node.stdin is not None
    # all modules but main.js, which draws at once
    node.stdin.write(json.dumps(f"{_BROWSER}\n{bundle('views.js')}") + "\n")
    return node
