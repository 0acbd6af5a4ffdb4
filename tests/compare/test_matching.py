"""Which segment is which, and the ids that are kept for it."""

import numpy as np

from reporter.compare.matching import match_segments
from reporter.compare.pair import Pair
from reporter.segments import match_shapes

from . import sides

EVENING = 1 + np.cos((np.arange(24) - 19) * np.pi / 12)
MORNING = 1 + np.cos((np.arange(24) - 7) * np.pi / 12)
FLAT = np.ones(24)


def test_the_sum_of_distances_is_smallest_and_far_shapes_stay_alone() -> None:
    near = EVENING + 0.05
    pairs = match_shapes([EVENING.tolist(), FLAT.tolist()], [FLAT.tolist(), near.tolist()], 0.25)
    assert {i: j for i, (j, _) in pairs.items()} == {0: 1, 1: 0}
    assert match_shapes([EVENING.tolist()], [MORNING.tolist()], 0.25) == {}


def test_a_pair_too_far_apart_never_spoils_a_good_one() -> None:
    # The only way to pair all would put the evening with a worse partner.
    late = np.roll(EVENING, 1)
    pairs = match_shapes([EVENING.tolist(), MORNING.tolist()], [EVENING.tolist(), late.tolist()], 0.25)
    assert pairs[0] == (0, 0.0)
    assert 1 not in pairs


def statuses(pair: Pair) -> list[tuple[str, str | None, str | None, str | None]]:
    return [
        (m.status, m.old_segment_id, m.new_segment_id, m.related_segment_id)
        for m in match_segments(pair, 0.25)
    ]


def test_a_segment_that_splits_names_where_it_came_from() -> None:
    made = sides.pair([0] * 60 + [1] * 20, [0] * 80, own=[0] * 30 + [2] * 30 + [1] * 20)
    facts = made.new.facts
    shapes = [facts.segments[0].shape, facts.segments[1].shape, MORNING.tolist()]
    new = [s.model_copy(update={"shape": shape}) for s, shape in zip(facts.segments, shapes, strict=True)]
    old = made.old.facts.segments[:2]
    made = sides.with_segments(made, old, new)
    assert statuses(made) == [
        ("matched", "S1", "S1", None), ("matched", "S2", "S2", None), ("split", None, "S3", "S1"),
    ]  # fmt: skip


def test_a_segment_that_merges_names_where_it_went() -> None:
    made = sides.pair([0] * 30 + [1] * 30 + [2] * 30, [0] * 90, own=[0] * 30 + [1] * 30 + [0] * 30)
    old = made.old.facts.segments
    made = sides.with_segments(made, old, made.new.facts.segments[:2])
    assert statuses(made) == [
        ("matched", "S1", "S1", None), ("matched", "S2", "S2", None), ("merged", "S3", None, "S1"),
    ]  # fmt: skip
