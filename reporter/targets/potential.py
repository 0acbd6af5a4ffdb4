"""What a program's published effect gives on each customer's load at the peak."""

from dataclasses import dataclass

import numpy as np

from reporter.profiles import Profiles
from reporter.targets.catalogue import Program
from reporter.targets.eligibility import Devices
from reporter.targets.model import Float


@dataclass(frozen=True)
class EffectKw:
    """(n,) effect of a program at its value and at both ends of the published range [kW]; NaN without one."""

    value: Float
    low: Float
    high: Float


def effect_of(program: Program, profiles: Profiles, devices: Devices | None) -> EffectKw:
    """The published effect on each customer's load in the peak hours.

    What runs at all hours does not move for an event: the effect is at least 0 and at most the load above baseload, which
    keeps a large flat load from looking like a large effect. Nor does a program give more than the end use that it acts on
    draws, where that is known. NaN where there is no published effect, no reading in the peak hours, or, for a share of an
    end use, nothing known of that.
    """
    effect = program.effect
    nothing = np.full(len(profiles.customer_id), np.nan)
    if effect is None:
        return EffectKw(nothing, nothing, nothing)
    above = profiles.above_baseload_kw.astype(np.float64)
    load = end_use_kw(effect.end_use, devices) if effect.end_use else None
    most = above if load is None else np.fmin(above, load)
    if effect.basis == "kw-per-enrolment":
        base = np.where(np.isfinite(above), 1.0, np.nan)
    elif effect.basis == "share-of-end-use":
        base = nothing if load is None else load
    else:
        base = profiles.coincident_kw.astype(np.float64)
    low, value, high = (
        np.clip(share * base, 0.0, np.maximum(most, 0.0)) for share in (effect.low, effect.value, effect.high)
    )
    return EffectKw(value, low, high)


def end_use_kw(end_use: str, devices: Devices | None) -> Float | None:
    """(n,) load of an end use in the peak hours [kW]; NaN or ``None`` where it is not known."""
    if devices is None:
        return None
    frame = devices.frame()
    column = f"{end_use}_peak_kw"
    return frame[column].to_numpy(dtype=np.float64) if column in frame else None
