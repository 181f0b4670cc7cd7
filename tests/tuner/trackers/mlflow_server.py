"""`mlflow server`, as a process of its own that starts no other.

The real command reads its options and starts Uvicorn; here Uvicorn runs where the command does.
"""

import os
import sys
from typing import Any

import mlflow.cli
import mlflow.server
import uvicorn
from mlflow.server.fastapi_app import app  # noqa: F401 - what Uvicorn will ask for


def _run_here(command: list[str], extra_env: dict[str, str], **_: Any) -> None:
    os.environ.update(extra_env)
    assert command[:3] == [sys.executable, "-m", "uvicorn"]
    uvicorn.main(command[3:])


if __name__ == "__main__":
    mlflow.server._exec_cmd = _run_here
    mlflow.cli.cli(["server", *sys.argv[1:]])
