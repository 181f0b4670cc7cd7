"""YAML as people mean it, written so that it is read back."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tuner.config.step4 import STUDY, load
from tuner.config.yaml_file import format_text, format_yaml, parse_yaml


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=8))
def test_text_in_messages_is_as_a_file_may_have_it(text: str) -> None:
    assert parse_yaml(f"[{format_text(text)}]", "text") == [text]
    assert parse_yaml(f"key: {format_text(text)}", "text") == {"key": text}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mae", "mae"),
        ("half an hour", "half an hour"),
        ("a/b:c#d", "a/b:c#d"),
        ("8", "'8'"),
        ("1e-3", "'1e-3'"),
        ("null", "'null'"),
        ("", "''"),
        ("it's", "it's"),
        ("'s", "'''s'"),
        ("a: b", "'a: b'"),
        ("a\tb", '"a\\tb"'),
    ],
)
def test_text_is_in_quotes_where_it_would_be_something_else(text: str, written: str) -> None:
    assert format_text(text) == written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("1E5", 1e5),
        (".5", 0.5),
        ("-1.5e+2", -150.0),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1:30", "1:30"),
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-01-01", "2026-01-01"),
        ("1.2.3", "1.2.3"),
        ("e5", "e5"),
        ("'1e-3'", "1e-3"),
        ("=", "="),
        ("{1: a, on: b, null: c}", {"1": "a", "on": "b", "null": "c"}),
        ("[{a: &x {b: 1}}, {<<: *x, b: 2, c: *x}]", [{"a": {"b": 1}}, {"b": 2, "c": {"b": 1}}]),
    ],
)
def test_yaml_is_read_as_people_mean_it(text: str, value: Any) -> None:
    read = parse_yaml(text, "x")
    assert read == value
    assert type(read) is type(value)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]))
    | st.sampled_from(["1e-3", "on", "010", "0o7", "1:30", "", " ", "null", "true", "<<", "1_0"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("ab.-1", min_size=1), inner),
    max_leaves=10,
)


@given(PLAIN)
def test_what_is_written_as_yaml_is_read_back(value: Any) -> None:
    read = parse_yaml(format_yaml(value), "x")
    assert repr(read) == repr(value)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + STUDY.replace("\n", "\r\n").encode())
    assert load(file).study == "step4"
