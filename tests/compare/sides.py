"""Two periods made by hand: who is in which segment, with what loads, without any readings."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import factories
import numpy as np
import pandas as pd

from reporter.compare.pair import Pair
from reporter.facts import Facts, Segment
from reporter.run import Run, SavedSegmentation

K = 3


@cache
def _facts() -> Facts:
    return factories.run(K, 90)[0]


def pair(old: Any, new: Any, folder: Path = Path(), **columns: Any) -> Pair:
    """A pair in which customer n is in segment ``old[n]`` and then ``new[n]`` (-1: not there).

    ``columns`` are further columns of ``Pair.people``, and ``old_kw`` and ``new_kw``, profiles for every customer.
    """
    old, new = np.asarray(old), np.asarray(new)
    n = len(old)
    facts = _facts()
    later = facts.model_copy(
        update={
            "period": facts.period.model_copy(
                update={"label": "2027Q3", "start": date(2027, 7, 1), "end": date(2027, 9, 30)}
            )
        }
    )
    saved = SavedSegmentation.model_construct(segments=[], centroids=[], retired=[])
    kw = {side: columns.pop(f"{side}_kw", np.ones((n, 24))) for side in ("old", "new")}
    people = pd.DataFrame(
        {
            "customer_id": [f"C{place:05d}" for place in range(n)],
            "old_customer_id": [f"C{place:05d}" for place in range(n)],
            "old": old, "new": new, "own": columns.pop("own", new),
            "old_row": np.where(old >= 0, np.arange(n), -1), "new_row": np.where(new >= 0, np.arange(n), -1),
        }
    )  # fmt: skip
    for side in ("old", "new"):
        for name in ("exclusion_reason", "not_target_reason", "area"):
            people[f"{side}_{name}"] = pd.Series([None] * n, dtype="object")
        for name in ("mean_kw", "coincident_kw", "above_baseload_kw"):
            people[f"{side}_{name}"] = kw[side].mean(axis=1)
        people[f"{side}_effect_kw"] = np.nan
    for name, values in columns.items():
        people[name] = values
    return Pair(
        Run(folder, facts, saved),
        Run(folder, later, saved),
        people,
        kw["old"].astype("float32"),
        kw["new"].astype("float32"),
    )


def with_segments(made: Pair, old: list[Segment], new: list[Segment]) -> Pair:
    """The same pair with other segments in its runs."""
    runs = {
        side: replace(run, facts=run.facts.model_copy(update={"segments": segments}))
        for side, run, segments in (("old", made.old, old), ("new", made.new, new))
    }
    return replace(made, **runs)
