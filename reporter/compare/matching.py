"""Which of the newer run's own segments correspond to the older run's (refitted)."""

import numpy as np

from reporter.compare.pair import Pair
from reporter.facts import Match, Segment
from reporter.segments import match_shapes

_MOST = 0.5
"""Share of a segment's customers who come from, or went to, one other segment, above which it split off or merged."""


def match_segments(pair: Pair, same_shape: float) -> list[Match]:
    """The older run's segments in their order, then those that only the newer run has.

    Args:
        pair: the two runs.
        same_shape: distance of two mean shapes ÷ the length of the older one, up to which they count as one segment.
    """
    old, new = pair.old.facts.segments, pair.new.facts.segments
    classes = [[run.classes[s.segment_id] for s in run.facts.segments] for run in (pair.old, pair.new)]
    pairs = match_shapes([s.shape for s in old], [s.shape for s in new], same_shape, (classes[0], classes[1]))
    partner_of = {j: i for i, (j, _) in pairs.items()}
    flows = flow_table(pair)
    matches = []
    for i, segment in enumerate(old):
        if i in pairs:
            j, distance = pairs[i]
            matches.append(_match("matched", segment, new[j], distance))
            continue
        to, share = _largest(flows[i])
        # It merged into a segment only if that one had been there as another.
        merged = share > _MOST and to in partner_of
        matches.append(
            _match(
                "merged" if merged else "gone",
                segment,
                None,
                None,
                new[to].segment_id if merged else None,
                share,
            )
        )
    for j, segment in enumerate(new):
        if j in partner_of:
            continue
        source, share = _largest(flows[:, j])
        split = share > _MOST and source in pairs
        matches.append(
            _match(
                "split" if split else "new",
                None,
                segment,
                None,
                old[source].segment_id if split else None,
                share,
            )
        )
    return matches


def flow_table(pair: Pair) -> np.ndarray:
    """(k_old, k_new) customers of both periods by the segments that each run gave them."""
    people = pair.people
    k = len(pair.old.facts.segments), len(pair.new.facts.segments)
    both = (people["old"] >= 0) & (people["own"] >= 0)
    counted = np.zeros(k, dtype=np.int64)
    np.add.at(counted, (people.loc[both, "old"].to_numpy(), people.loc[both, "own"].to_numpy()), 1)
    return counted


def _largest(flow: np.ndarray) -> tuple[int, float]:
    total = int(flow.sum())
    place = int(flow.argmax())
    return place, float(flow[place]) / total if total else 0.0


def _match(
    status: str,
    old: Segment | None,
    new: Segment | None,
    distance: float | None,
    related: str | None = None,
    share: float | None = None,
) -> Match:
    return Match.model_validate(
        {
            "status": status,
            "old_segment_id": old.segment_id if old else None,
            "new_segment_id": new.segment_id if new else None,
            "old_title": old.title if old else None,
            "new_title": new.title if new else None,
            "related_segment_id": related,
            "related_share": share if related else None,
            "distance": distance,
            "old_customers": old.customers if old else 0,
            "new_customers": new.customers if new else 0,
            "old_share": old.share if old else 0.0,
            "new_share": new.share if new else 0.0,
        }
    )
