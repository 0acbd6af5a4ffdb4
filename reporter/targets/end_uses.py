"""What the load above baseload in the peak hours is made of: weather, charging, water heating, and the rest."""

from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.targets.eligibility import Devices, Mask
from reporter.targets.rows import EndUseLoad, EndUseName


def end_uses(devices: Devices | None, members: Mask) -> list[EndUseLoad]:
    """Mean load of each end use per customer in the peak hours, of those of whom it is known; empty without signs of devices.

    The ends of a mean are the means of the customers' own ends: the same days and the same weather stand behind them all, so a
    larger group is taken to be no surer than its members.

    Args:
        devices: signs of devices and the load behind them.
        members: (n,) whom to look at.
    """
    if devices is None:
        return []
    frame = devices.frame()
    found = [_end_use(name, frame, members) for name in get_args(EndUseName)]
    return [row for row in found if row is not None]


def _end_use(name: EndUseName, frame: pd.DataFrame, members: Mask) -> EndUseLoad | None:
    columns = [f"{name}_peak_kw", f"{name}_peak_kw_low", f"{name}_peak_kw_high"]
    if not set(columns) <= set(frame.columns):
        return None
    kw, low, high = (frame[column].to_numpy(dtype=np.float64) for column in columns)
    known = members & np.isfinite(kw)
    if not known.any():
        return None
    there = known & (kw > 0)
    regular = "consistency" if name == "rest" else f"{name}_consistency"
    return EndUseLoad(
        end_use=name,
        customers=int(known.sum()),
        with_it=int(there.sum()),
        kw=float(kw[known].mean()),
        low_kw=float(low[known].mean()),
        high_kw=float(high[known].mean()),
        consistency=_mean(frame[regular].to_numpy(dtype=np.float64)[there]),
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None
