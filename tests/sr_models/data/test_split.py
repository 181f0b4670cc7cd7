"""The split: fair, stable, and never the same photograph on both sides."""

from hypothesis import given
from hypothesis import strategies as st

from sr_models.data.split import shuffled, validation_indices

NAMES = st.lists(st.text(min_size=1, max_size=4), min_size=2, max_size=60, unique=True)
SHARES = st.floats(0.01, 0.99)


@given(names=NAMES, share=SHARES, seed=st.integers(0, 9))
def test_single_images_split_by_the_share(names: list[str], share: float, seed: int) -> None:
    chosen = validation_indices(names, names, share, seed)
    assert chosen == sorted(set(chosen))
    assert 1 <= len(chosen) <= len(names) - 1
    assert abs(len(chosen) - share * len(names)) <= 1


@given(names=NAMES, share=SHARES, seed=st.integers(0, 9), data=st.data())
def test_groups_stay_together(
    names: list[str], share: float, seed: int, data: st.DataObject
) -> None:
    count = len(names)
    groups = data.draw(st.lists(st.sampled_from("abcdef"), min_size=count, max_size=count))
    chosen = validation_indices(names, groups, share, seed)
    assert 1 <= len(chosen) <= count - 1
    held_back = {groups[index] for index in chosen}
    if len(set(groups)) > 1:
        assert all((groups[index] in held_back) == (index in chosen) for index in range(count))


@given(names=NAMES, seed=st.integers(0, 9), data=st.data())
def test_the_order_of_the_files_does_not_matter(
    names: list[str], seed: int, data: st.DataObject
) -> None:
    other = data.draw(st.permutations(names))
    split = {names[i] for i in validation_indices(names, names, 0.3, seed)}
    assert split == {other[i] for i in validation_indices(other, other, 0.3, seed)}


def test_a_new_file_moves_at_most_one_other() -> None:
    names = [f"{number}.jpg" for number in range(100)]
    before = {names[i] for i in validation_indices(names, names, 0.2, 0)}
    names.append("new.jpg")
    after = {names[i] for i in validation_indices(names, names, 0.2, 0)}
    assert len(before ^ after) <= 2


def test_another_seed_is_another_split() -> None:
    names = [f"{number}.jpg" for number in range(100)]
    splits = {tuple(validation_indices(names, names, 0.2, seed)) for seed in range(5)}
    assert len(splits) == 5


def test_shuffling_keeps_the_items() -> None:
    items = list(range(50))
    assert sorted(shuffled(items, str, "a")) == items
    assert shuffled(items, str, "a") != shuffled(items, str, "b")
