"""Who moved between the older run's segments, held fixed, and whether that is more than noise."""

import numpy as np
from numpy.typing import NDArray

from reporter.compare.intervals import paired_shares, together, wilson
from reporter.compare.matching import flow_table
from reporter.compare.pair import Pair
from reporter.facts import Facts, Migration, NetChange, Segment

_FLOOR = 0.5
"""Customers that an empty segment counts as in the stability index, which has no value for zero."""


def migration(pair: Pair, news: NDArray[np.bool_] | None = None) -> Migration:
    """Moves of the customers of both periods; arrivals, departures and those left out beside them.

    Args:
        pair: the two runs.
        news: (n,) rows of ``pair.people`` with a load that was not there before; none where that was not looked for.
    """
    people, segments = pair.people, pair.old.facts.segments
    k = len(segments)
    old, new = people["old"].to_numpy(), people["new"].to_numpy()
    both = pair.both
    matrix = np.zeros((k, k), dtype=np.int64)
    np.add.at(matrix, (old[both], new[both]), 1)
    customers = int(both.sum())
    changed = float(1 - np.trace(matrix) / customers) if customers else None
    low, high = wilson(changed, customers) if changed is not None else (None, None)
    floor, floor_high = noise_floor(pair.old.facts, pair.new.facts)
    arrived, departed = (new >= 0) & (old < 0), (old >= 0) & (new < 0)
    read_again = people["new_exclusion_reason"].notna().to_numpy()
    read_before = people["old_exclusion_reason"].notna().to_numpy()
    then, now = (np.bincount(side[side >= 0], minlength=k) for side in (old, new))
    moved_news = both & (old != new) & (news if news is not None else False)
    counts = {
        "arrivals": np.bincount(new[arrived], minlength=k),
        "departures": np.bincount(old[departed], minlength=k),
        "left_out_before": np.bincount(new[arrived & read_before], minlength=k),
        "left_out_now": np.bincount(old[departed & read_again], minlength=k),
    }
    moves = {
        "moved_out": matrix.sum(axis=1) - np.diag(matrix),
        "moved_out_new_load": np.bincount(old[moved_news], minlength=k),
        "moved_in": matrix.sum(axis=0) - np.diag(matrix),
        "moved_in_new_load": np.bincount(new[moved_news], minlength=k),
    }
    return Migration(
        segments=[segment.segment_id for segment in segments],
        titles=[segment.title for segment in segments],
        matrix=matrix.tolist(),
        customers=customers,
        changed=changed,
        moved=int(moves["moved_out"].sum()),
        moved_new_load=int(moved_news.sum()),
        changed_low=low,
        changed_high=high,
        noise_floor=floor,
        noise_floor_high=floor_high,
        beyond_noise=low > floor_high if low is not None and floor_high is not None else None,
        **{name: int(count.sum()) for name, count in counts.items()},
        net=[
            _net(
                i,
                segment,
                matrix,
                (float(then[i] / max(then.sum(), 1)), float(now[i] / max(now.sum(), 1))),
                counts | moves,
            )
            for i, segment in enumerate(segments)
        ],
        stability_index=stability_index(then, now),
        refitted_segments=[segment.segment_id for segment in pair.new.facts.segments],
        refitted_titles=[segment.title for segment in pair.new.facts.segments],
        refitted_matrix=flow_table(pair).tolist(),
    )


def _net(
    i: int,
    segment: Segment,
    matrix: np.ndarray,
    shares: tuple[float, float],
    counts: dict[str, np.ndarray],
) -> NetChange:
    customers = int(matrix.sum())
    stayed, before, after = int(matrix[i, i]), int(matrix[i].sum()), int(matrix[:, i].sum())
    # Of eight segments, one in three comparisons would have a false alarm if each interval stood by itself.
    z = together(len(matrix))
    change, low, high = paired_shares(after - stayed, before - stayed, customers, z)
    return NetChange(
        segment_id=segment.segment_id,
        title=segment.title,
        old_share=before / max(customers, 1),
        new_share=after / max(customers, 1),
        change=change,
        low=low,
        high=high,
        beyond_noise=customers > 0 and not low <= 0 <= high,
        old_share_all=shares[0],
        new_share_all=shares[1],
        **{name: int(count[i]) for name, count in counts.items()},
    )


def noise_floor(*runs: Facts) -> tuple[float | None, float | None]:
    """The largest share of customers that seem to move inside one of the periods, and the high end of its interval."""
    floors = [
        (changed, wilson(changed, run.method.daily_sample)[1])
        for run in runs
        for changed in (run.selection.halves_changed, run.selection.halves_drifted)
        if changed is not None and run.method is not None
    ]
    return max(floors) if floors else (None, None)


def stability_index(then: np.ndarray, now: np.ndarray) -> float | None:
    """Population stability index Σ (p − q) ln(p ÷ q) of two counts by segment; None where a period has nobody.

    The symmetrised Kullback–Leibler divergence (Kullback and Leibler 1951, doi:10.1214/aoms/1177729694).
    """
    if not then.sum() or not now.sum():
        return None
    p, q = (np.maximum(side, _FLOOR) / np.maximum(side, _FLOOR).sum() for side in (then, now))
    return float(((p - q) * np.log(p / q)).sum())
