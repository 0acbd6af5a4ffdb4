"""Nothing that the rule withholds follows from what is published, by any sums and differences of it."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from reporter.privacy.combined import combined
from reporter.privacy.partition import TOGETHER, Earlier, divide, finest, join_programs, tells
from reporter.privacy.rule import Rule, Ruled


def make_ruled(energy: list[float], rule: str = "15/15") -> Ruled:
    return Ruled(np.array(energy), np.zeros(len(energy), dtype=np.int64), (Rule.of(rule),))


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Ruled]:
    """Customers in segments, small and dominated ones among them; of a segment all, none or some are offered a program."""
    sizes = draw(st.lists(st.sampled_from([1, 2, 4, 7, 12, 15, 20]), min_size=2, max_size=4))
    segment = np.repeat(np.arange(len(sizes)), sizes)
    offered = np.full(len(segment), -1)
    for number in range(len(sizes)):
        asked = draw(st.sampled_from([0, 0, 1, 5, 6, 100]))
        offered[np.flatnonzero(segment == number)[:asked]] = draw(st.sampled_from([0, 1]))
    return segment, offered, make_ruled(draw(energies(len(segment))), "5/40")


def energies(n: int) -> st.SearchStrategy[list[float]]:
    """Mostly alike, with now and then one who draws as much as many."""
    alike = st.lists(st.sampled_from([1.0, 1.0, 2.0]), min_size=n, max_size=n)
    giant = st.tuples(alike, st.integers(0, n - 1)).map(
        lambda drawn: [30.0 if place == drawn[1] else value for place, value in enumerate(drawn[0])]
    )
    return st.one_of(alike, alike, giant)


@st.composite
def reports(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Ruled]:
    """Customers by their set in an earlier report (−1: in none) and their segment now: from a table of counts."""
    counts = st.sampled_from([0, 0, 0, 1, 2, 5, 8, 12])
    table = draw(st.lists(counts, min_size=12, max_size=12).filter(lambda found: sum(found[3:]) >= 10))
    before = np.repeat(np.repeat([-1, 0, 1, 2], 3), table)
    segment = np.repeat(np.tile([0, 1, 2], 4), table)
    return before, segment, make_ruled(draw(energies(len(segment))), "5/40")


def told_sets(published: list[np.ndarray], n: int) -> set[frozenset[int]]:
    """Every set that a sum of published ones, each added, subtracted or left out, speaks of."""
    found = set()
    for weights in product((-1, 0, 1), repeat=len(published)):
        total = sum((w * row for w, row in zip(weights, published, strict=True)), np.zeros(n, dtype=int))
        if total.any():
            found.add(frozenset(np.flatnonzero(total).tolist()))
    return found


def masks(cells: np.ndarray) -> list[np.ndarray]:
    return [(cells == number).astype(int) for number in np.unique(cells[cells >= 0])]


def test_reports_that_share_many_sets_are_held_to_the_strictest_rule() -> None:
    # Three divisions by lot share up to 729 sets: far too many to try their unions.
    rng = np.random.default_rng(5)
    now, one, two = (rng.integers(0, 9, 20_000) for _ in range(3))
    ruled = make_ruled([1.0] * 20_000, "15")
    shared = np.unique(np.stack([now, one, two]), axis=1, return_inverse=True)[1].reshape(-1)
    few = np.bincount(shared)[shared] < 15
    assert few.any() and not few.all()
    told = combined(now, [one, two], ruled)
    assert told is not None and (told == few).all()
    assert combined(now, [one, two], make_ruled([1.0] * 20_000, "2")) is None


@given(towns())
@settings(max_examples=150, deadline=None)
def test_no_sum_of_published_sets_tells_of_fewer_than_the_rule(
    town: tuple[np.ndarray, np.ndarray, Ruled],
) -> None:
    segment, offered, ruled = town
    division = divide(segment, offered, ruled)
    event(f"shown: {division is not None}")
    if division is None:
        return
    published = masks(division.cells)
    for told in told_sets(published, len(segment)) if len(published) <= 8 else []:
        rows = np.zeros(len(segment), dtype=bool)
        rows[list(told)] = True
        assert ruled.allows(rows)
    for mask in published:
        assert ruled.allows(mask.astype(bool))
    # Everybody is in exactly one group, and a segment that the rule withholds is in none of its own.
    assert (division.cells >= 0).all()
    for number in np.unique(segment):
        if not ruled.allows(segment == number):
            assert (division.segment[segment == number] == TOGETHER).all()


@given(reports(), st.sampled_from([0, 0, 2, 6]))
@settings(max_examples=150, deadline=None)
def test_a_second_report_tells_nothing_more(drawn: tuple[np.ndarray, np.ndarray, Ruled], left: int) -> None:
    before, segment, ruled = drawn
    alone = np.full(len(segment), -1)
    event(f"without the earlier report: {divide(segment, alone, ruled) is not None}")
    # The last few of those in the earlier report are not used now.
    gone = np.zeros(len(segment), dtype=bool)
    gone[len(gone) - left :] = True
    used = Ruled(ruled.energy[~gone], ruled.class_of[~gone], ruled.rules)
    earlier = Earlier((np.concatenate([before[~gone], before[gone]]),), ruled.energy[gone])
    found = divide(segment[~gone], alone[~gone], used, earlier)
    second = None if found is None else np.full(len(segment), -1)
    if second is not None and found is not None:
        second[~gone] = found.cells
    event(f"with it: {second is not None}")
    if second is None:
        return
    # What the earlier report told alone is not the later one's to mend.
    known = told_sets(masks(before), len(segment))
    for told in told_sets([*masks(second), *masks(before)], len(segment)) - known:
        rows = np.zeros(len(segment), dtype=bool)
        rows[list(told)] = True
        assert ruled.allows(rows)


def told_new(now: np.ndarray, earlier: list[np.ndarray], ruled: Ruled) -> list[tuple[int, ...]]:
    """Sets that break the rule and of which a sum follows from all reports that does not from the earlier ones: by exact elimination.

    Of a set that breaks it by one customer who outweighs the others, only sums that hold this one count.
    """
    reports = np.stack([now, *earlier], axis=1)
    atoms, atom = np.unique(reports[(reports >= 0).any(axis=1)], axis=0, return_inverse=True)
    where = np.flatnonzero((reports >= 0).any(axis=1))
    rows = [
        (place > 0, [int(value == number) for value in column])
        for place, column in enumerate(atoms.T)
        for number in np.unique(column[column >= 0])
    ]
    every = [row for _, row in rows]
    old = [row for past, row in rows if past]

    def rank(matrix: list[list[int]], left_out: set[int]) -> int:
        kept = [[Fraction(v) for i, v in enumerate(row) if i not in left_out] for row in matrix]
        found = 0
        for column in range(len(kept[0]) if kept else 0):
            pivot = next((r for r in range(found, len(kept)) if kept[r][column]), None)
            if pivot is None:
                continue
            kept[found], kept[pivot] = kept[pivot], kept[found]
            for r in range(found + 1, len(kept)):
                times = kept[r][column] / kept[found][column]
                kept[r] = [a - times * b for a, b in zip(kept[r], kept[found], strict=True)]
            found += 1
        return found

    def inside(matrix: list[list[int]], members: set[int]) -> int:
        return rank(matrix, set()) - rank(matrix, members)

    broken = []
    for size in range(1, len(atoms) + 1):
        for chosen in combinations(range(len(atoms)), size):
            members = set(chosen)
            mask = np.zeros(len(now), dtype=bool)
            mask[where[np.isin(atom.reshape(-1), chosen)]] = True
            if ruled.allows(mask) or inside(every, members) == inside(old, members):
                continue
            energy = ruled.energy[mask]
            heavy = {
                place
                for place in chosen
                if ruled.energy[where[atom.reshape(-1) == place]].max() > ruled.rules[0].share * energy.sum()
            }
            if mask.sum() < ruled.rules[0].customers or any(
                inside(every, members) > inside(every, members - {place}) for place in heavy
            ):
                broken.append(chosen)
    return broken


@st.composite
def three_reports(draw: st.DrawFn) -> tuple[list[np.ndarray], np.ndarray, Ruled]:
    """Two reports that were given out (−1: in none) and the segments of a third one: from a table of counts."""
    shape = (3, 2, 2)
    counts = st.sampled_from([0, 1, 3, 5, 6, 8, 12])
    table = draw(st.lists(counts, min_size=12, max_size=12).filter(lambda found: sum(found) >= 20))
    places = np.repeat(np.arange(12), table)
    first, second, segment = np.unravel_index(places, shape)
    return [first - 1, second], segment, make_ruled(draw(energies(len(segment))), "5/40")


@given(three_reports())
@settings(max_examples=80, deadline=None)
def test_a_third_report_tells_nothing_more_beside_both_earlier_ones(
    drawn: tuple[list[np.ndarray], np.ndarray, Ruled],
) -> None:
    before, segment, ruled = drawn
    alone = np.full(len(segment), -1)
    earlier = Earlier(tuple(before), np.zeros(0))
    found = divide(segment, alone, ruled, earlier)
    event(f"given out: {found is not None}")
    if found is not None:
        assert told_new(found.cells, before, ruled) == []


def test_three_reports_tell_what_no_two_of_them_do() -> None:
    # Four sets of customers, three of them by twenty and one of three: each report puts the three with one of the others. The sum of
    # what it is put with, over the three reports, less everybody, is twice the three.
    corner = np.repeat(np.arange(4), [3, 20, 20, 20])
    one, two, three = (np.where((corner == 0) | (corner == other), 0, 1) for other in (1, 2, 3))
    ruled = make_ruled([1.0] * 63, "5")
    for first, second in combinations([one, two, three], 2):
        assert tells(first, second, ruled) is None
    told = combined(three, [one, two], ruled)
    assert told is not None and told[:3].all() and not told[3:].any()
    # So the third is not given out like that, and the second one is.
    alone = np.full(63, -1)
    assert divide(two, alone, ruled, Earlier((one,), np.zeros(0))) is not None
    assert divide(three, alone, ruled, Earlier((one, two), np.zeros(0))) is None
    # The same division a second time tells nothing, whatever the earlier ones did.
    assert combined(two, [one, two], ruled) is None


@given(towns())
@settings(max_examples=100, deadline=None)
def test_a_program_of_few_goes_with_the_next_smallest(
    town: tuple[np.ndarray, np.ndarray, Ruled],
) -> None:
    _, offered, ruled = town
    joined = join_programs(offered, ruled)
    event(f"shown: {joined is not None}")
    if joined is None:
        assert not ruled.allows(offered >= 0) or (offered < 0).all()
        return
    assert ((joined == -1) == (offered == -1)).all()
    for number in np.unique(joined[joined != -1]):
        assert ruled.allows(joined == number)
    kept = (joined >= 0) & (offered >= 0)
    assert (joined[kept] == offered[kept]).all()


def test_seven_of_one_program_are_shown_with_another_that_is_large_enough() -> None:
    offered = np.repeat([0, 1, 2, -1], [7, 40, 20, 33])
    joined = join_programs(offered, make_ruled([1.0] * 100))
    assert joined is not None
    assert set(joined[offered == 0]) == set(joined[offered == 2]) == {TOGETHER}
    assert set(joined[offered == 1]) == {1}
    assert join_programs(np.repeat([0, -1], [7, 93]), make_ruled([1.0] * 100)) is None


def test_one_small_segment_takes_the_next_smallest_with_it() -> None:
    segment = np.repeat([0, 1, 2], [40, 20, 3])
    division = divide(segment, np.full(63, -1), make_ruled([1.0] * 63))
    assert division is not None
    assert set(division.segment[segment == 0]) == {0}
    assert set(division.segment[segment > 0]) == {TOGETHER}


def test_a_dominated_segment_does_not_stand_alone() -> None:
    segment = np.repeat([0, 1, 2], [40, 40, 20])
    energy = [1.0] * 100
    energy[85] = 10.0
    division = divide(segment, np.full(100, -1), make_ruled(energy))
    assert division is not None
    assert set(division.segment[segment == 2]) == {TOGETHER}


def test_those_who_are_not_offered_anything_are_a_set_too() -> None:
    # All but three of the second segment are offered a program: their number would follow by subtraction.
    segment = np.repeat([0, 1, 2], [40, 40, 40])
    offered = np.full(120, -1)
    offered[40:77] = 0
    division = divide(segment, offered, make_ruled([1.0] * 120))
    assert division is not None
    assert set(division.segment[segment == 1]) == {TOGETHER}
    assert len(np.unique(division.segment)) == 2


def test_two_reports_that_differ_by_three_customers() -> None:
    ruled = make_ruled([1.0] * 100)
    one, other = np.repeat([0, 1], [50, 50]), np.repeat([0, 1], [53, 47])
    told = tells(one, other, ruled)
    assert told is not None and told.sum() == 3
    assert tells(one, one, ruled) is None
    assert tells(one, np.repeat([0, 1], [65, 35]), ruled) is None
    # The same with three customers who were not in the earlier one.
    left_out = np.where(np.arange(100) < 3, -1, one)
    told = tells(one, left_out, ruled)
    assert told is not None and told.sum() == 3


def test_nothing_to_show_is_no_division() -> None:
    assert divide(np.repeat([0, 1], [8, 4]), np.full(12, -1), make_ruled([1.0] * 12)) is None


@pytest.mark.parametrize(
    ("text", "customers", "share"), [("15/15", 15, 0.15), ("100", 100, 1.0), ("5/25", 5, 0.25)]
)
def test_rules_as_settings_write_them(text: str, customers: int, share: float) -> None:
    rule = Rule.of(text)
    assert (rule.customers, rule.share, rule.text) == (customers, share, text)
    assert rule.allows(customers, 100.0, 100 * share) and not rule.allows(customers - 1, 100.0, 0.0)
    assert share == 1.0 or not rule.allows(customers, 100.0, 100 * share + 0.1)


def test_finest_sets_are_segment_and_program() -> None:
    assert len(np.unique(finest(np.array([0, 0, 1, 1]), np.array([-1, 0, 0, 0])))) == 3
