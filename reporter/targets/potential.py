"""What a program's published effect gives on each customer's load at the peak."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.targets.catalogue import Program
from reporter.targets.model import Float


@dataclass(frozen=True)
class EffectShares:
    """(n,) published effect for each customer, a share of load in events; NaN without one."""

    value: Float
    low: Float
    high: Float


def effect_shares(programs: Sequence[Program | None], assignment: NDArray[np.int32]) -> EffectShares:
    """Published effects of the programs that segments are offered, for each customer.

    Args:
        programs: (k,) the program of each segment.
        assignment: (n,) index into ``programs``.
    """
    effects = [program.effect if program else None for program in programs]
    value, low, high = (
        np.array([getattr(effect, end) if effect else np.nan for effect in effects], dtype=np.float64)[
            assignment
        ]
        for end in ("value", "low", "high")
    )
    return EffectShares(value, low, high)


def effect_kw(share: Float | float, profiles: Profiles) -> Float:
    """(n,) published share × coincident load, at least 0 and at most the load above baseload [kW].

    What runs at all hours does not move for an event: the cap keeps a large flat load from looking like a
    large effect. NaN where there is no share or no reading in the peak hours.
    """
    return np.clip(
        share * profiles.coincident_kw.astype(np.float64), 0.0, profiles.above_baseload_kw.astype(np.float64)
    )
