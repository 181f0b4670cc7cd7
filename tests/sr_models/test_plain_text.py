"""Nothing that comes from a file or an error may steer a terminal."""

from unicodedata import category

from hypothesis import given
from hypothesis import strategies as st

from sr_models.plain_text import one_line, plain_text

STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(st.characters()))
def test_one_line_holds_nothing_that_steers_a_terminal(text: str) -> None:
    assert not {category(character) for character in one_line(text)} & STEERING


@given(st.text(st.characters()))
def test_plain_text_keeps_its_lines_and_nothing_else_that_steers(text: str) -> None:
    found = plain_text(text)
    assert not {category(one) for one in found if one not in "\n\t"} & STEERING
    assert found.count("\n") == text.count("\n")


def test_hostile_names_stay_readable() -> None:
    assert one_line("<script>window.hacked=1</script>") == "<script>window.hacked=1</script>"
    assert one_line("عربي שלום \u202eelpmis") == "عربي שלום \\u202eelpmis"
    assert one_line("a\x1b[31mb") == "a\\x1b[31mb"
    assert plain_text("two\n  lines\r\x1b[2J") == "two\n  lines\\x0d\\x1b[2J"
