from hypothesis import given
from hypothesis import strategies as st

from tuner.analysis.pareto import pareto_front

NUMBER = st.integers(-4, 4).map(float)


def dominated(points: list[tuple[float, ...]], minimize: list[bool], index: int) -> bool:
    def no_worse(a: float, b: float, less: bool) -> bool:
        return a <= b if less else a >= b

    def beats(other: tuple[float, ...]) -> bool:
        pairs = zip(other, mine, minimize, strict=True)
        return other != mine and all(no_worse(*pair) for pair in pairs)

    mine = points[index]
    return any(beats(other) for other in points)


@given(st.lists(st.tuples(NUMBER, NUMBER)), st.tuples(st.booleans(), st.booleans()))
def test_two_respects_agree_with_the_definition(
    points: list[tuple[float, float]], minimize: tuple[bool, bool]
) -> None:
    expected = [i for i in range(len(points)) if not dominated(points, list(minimize), i)]
    assert pareto_front(points, minimize) == expected


@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER), max_size=12))
def test_three_respects_agree_with_the_definition(points: list[tuple[float, ...]]) -> None:
    minimize = [True, False, True]
    expected = [i for i in range(len(points)) if not dominated(points, minimize, i)]
    assert pareto_front(points, minimize) == expected


def test_more_decibels_for_fewer_parameters() -> None:
    # PSNR, parameters
    points = [(28.0, 100.0), (29.0, 200.0), (27.0, 150.0), (29.0, 250.0)]
    assert pareto_front(points, [False, True]) == [0, 1]
