"""No key and no token in what is written or shown."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sr_models.errors import UserError
from tests.studies import FakeStudy
from tests.tuner.trackers.conftest import Backend
from tuner.records import TrialState
from tuner.trackers import export_to_tracker, scrub
from tuner.trackers.sync.process import explain

_SECRETS = {
    "NEPTUNE_API_TOKEN": "eyJhcGlfYWRkcmVzcyI6Imh0dHBzOi8v",
    "WANDB_API_KEY": "0123456789abcdef0123456789abcdef01234567",
    "MLFLOW_TRACKING_PASSWORD": "hunter2-and-more",
    "MLFLOW_TRACKING_TOKEN": "bearer-of-bad-news",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
    "HF_TOKEN": "hf_aBcDeF",
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://me:pw@host:5000/x", "http://***@host:5000/x"),
        ("postgresql://me@db/x", "postgresql://***@db/x"),
        ("trackers.0.api_key = abc: unknown key", "trackers.0.api_key = ***: unknown key"),
        ("GET /x?token=abc&step=3", "GET /x?token=***&step=3"),
        ("{'api_key': 'abc', 'lr': 0.1}", "{'api_key': '***', 'lr': 0.1}"),
        ("Authorization: Bearer abcdef.ghi", "Authorization: Bearer ***"),
        ("Authorization: Basic bWU6cHc=", "Authorization: Basic ***"),
        ("write to me@example.org, http://example.org/@me", None),
        ("optimizer.learning_rate=0.1, tokens seen: 5", None),
        ("basic block, bearer", None),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str | None) -> None:
    assert scrub(text, {}) == (text if shown is None else shown)


@pytest.mark.parametrize("start", ["", "http://", "token-", "a:"])
def test_a_long_word_takes_no_time_of_its_square(start: str) -> None:
    """Of 20,000 letters it took a minute, for each tracker and trial that had them as a setting."""
    began = time.process_time()
    assert scrub(start + "x" * 100_000, {}) == start + "x" * 100_000
    assert time.process_time() - began < 5


@given(
    secret=st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=8),
    before=st.text(max_size=20),
    after=st.text(max_size=20),
)
def test_values_of_secret_variables_are_hidden(secret: str, before: str, after: str) -> None:
    assert secret not in scrub(f"{before}{secret}{after}", {"MY_API_KEY": secret})


def test_a_password_in_an_address_of_the_environment_is_hidden() -> None:
    environment = {"MLFLOW_TRACKING_URI": "https://me:p%40ss-word@host/x"}
    shown = scrub("could not log in as me with p@ss-word or p%40ss-word", environment)
    assert shown == "could not log in as me with *** or ***"


def test_an_error_is_one_line_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", _SECRETS["WANDB_API_KEY"])
    text = f"\x1b[95m\n----Login-----\n bad key {_SECRETS['WANDB_API_KEY']}\n[SQL: SELECT 1]"
    shown = explain(ValueError(text))
    assert shown == "ValueError: ----Login bad key ***"


@pytest.mark.usefixtures("forked")
def test_no_secret_and_no_path_reaches_a_copy(
    tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where a study's own file, an error or a setting holds one.

    And a results folder can be moved and given away: it holds no path of this machine.
    """
    for name, value in _SECRETS.items():
        monkeypatch.setenv(name, value)
    if backend.config().type == "wandb":
        monkeypatch.setenv("WANDB_MODE", "offline")
    study = FakeStudy(tmp_path / "step4", description=f"uses {_SECRETS['HF_TOKEN']}")
    yaml = study.folder / "study.yaml"
    yaml.write_text(
        yaml.read_text() + f"trackers: [{{uri: 'http://me:pass-word@h'}}]\n"
        f"# {_SECRETS['WANDB_API_KEY']}\n"
    )
    params = {"optimizer.learning_rate": 1e-3, "data.url": "https://me:pass-word@host/data.zip"}
    number = study.start(params=params)
    study.report(number)
    study.end(number, TrialState.FAILED, error=f"refused {_SECRETS['NEPTUNE_API_TOKEN']}")
    study.close()
    backend.prepare(study.folder)
    place = export_to_tracker(study.folder, backend.config())

    hidden = [*_SECRETS.values(), "pass-word"]
    assert not any(secret in place for secret in hidden)
    for path in (study.folder / "trackers").rglob("*"):
        assert not path.is_symlink()
        content = path.read_bytes() if path.is_file() else b""
        unwanted = [*hidden, str(tmp_path), str(Path(__file__).parents[3])]
        assert not [text for text in unwanted if text.encode() in content], path
    copied = backend.read(study.folder)
    assert not [secret for secret in hidden if secret in repr(copied)]
    assert "***" in copied.files["study.yaml"]


@pytest.mark.usefixtures("forked")
def test_an_error_of_a_server_shows_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tuner.trackers.conftest import free_port
    from tuner.trackers import MlflowConfig

    address = f"http://me:pass-word@127.0.0.1:{free_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    study = FakeStudy(tmp_path / "step4")
    study.close()
    with pytest.raises(UserError) as error:
        export_to_tracker(study.folder, MlflowConfig())
    assert "pass-word" not in str(error.value)
    assert "127.0.0.1" in str(error.value)
