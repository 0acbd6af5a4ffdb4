"""What enrolment may depend on: numbers from the load, and columns of the customer file.

Load features come from the mean profile over the whole period, not from the peak hours: past events fall there, and
what a participant saves in them would give the outcome away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.profiles import Profiles
from reporter.settings import TargetSettings
from reporter.targets.attributes import exclusion_columns, matching_columns
from reporter.targets.rows import LeftOutFeature

LEVELS_MAX = 25
"""Most values of a column that counts as a class; with more it names customers rather than describes them."""

NOT_KNOWN = "not known"
"""Stands in a class for an empty cell."""

_RARE = 10
"""Values of a class that fewer offers have count together."""
_FAR = 5.0
"""Standard deviations beyond which a number counts as that far: one odd meter moves nothing."""
_TINY_KW = 1e-3
_EXPORTING = 0.05
"""Export ÷ import from which a customer counts as one that exports."""
_UNKNOWN = frozenset({"", "nan", "none", "null", "<na>", "nat"})


@dataclass(frozen=True)
class Features:
    """One row a customer used."""

    frame: pd.DataFrame
    """(n, p) numbers as float, NaN where not known; classes as text."""
    left_out: list[LeftOutFeature]


@dataclass(frozen=True)
class Design:
    """Features as a matrix that a classifier takes."""

    values: NDArray[np.float32]
    """(n, q) numbers in standard deviations, what is missing in the middle; classes as one column a value."""
    columns: dict[str, list[int]]
    """Feature → its columns."""

    def rows(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """(m, q) of some customers."""
        return self.values[rows]


def encode(frame: pd.DataFrame, offered: NDArray[np.intp]) -> Design:
    """Features as a matrix. Nothing here looks at outcomes, so it is done once, before any split.

    Args:
        frame: (n, p) features of all customers.
        offered: rows of the offers: they give middle and spread, and which values of a class are rare.
    """
    parts: list[NDArray[np.float32]] = []
    columns: dict[str, list[int]] = {}
    for name in frame:
        values = frame[name]
        if pd.api.types.is_float_dtype(values):
            numbers = values.to_numpy(dtype=np.float64)
            seen = numbers[offered][np.isfinite(numbers[offered])]
            middle, spread = (float(np.median(seen)), float(seen.std())) if len(seen) else (0.0, 0.0)
            scaled = np.where(np.isfinite(numbers), numbers - middle, 0.0) / (spread or 1.0)
            block = np.clip(scaled, -_FAR, _FAR)[:, None]
        else:
            codes, levels = pd.factorize(values.astype(str), sort=True)
            counts = np.bincount(codes[offered], minlength=len(levels))
            common = np.flatnonzero(counts >= _RARE)
            block = codes[:, None] == common[None, :]
        columns[str(name)] = list(range(len(parts), len(parts) + block.shape[1]))
        parts += [np.asarray(block[:, place], dtype=np.float32) for place in range(block.shape[1])]
    return Design(np.column_stack(parts), columns)


def load_features(profiles: Profiles) -> pd.DataFrame:
    """(n, p) what the load says about a customer; all but the first column leave size out.

    Few, and little alike: of two that say the same, neither would stand out as a driver.
    """
    profile = profiles.profile_kw.astype(np.float64)
    scale = np.maximum(_mean(np.abs(profile)), _TINY_KW)

    def share(first: int, last: int) -> NDArray[np.float64]:
        return _mean(profile[:, first:last]) / scale

    weekday = _mean(profiles.weekday_kw.astype(np.float64))
    columns = {
        "size of the load": np.log(scale),
        "evening share": share(17, 21),
        "morning share": share(6, 10),
        "weekend share": _mean(profiles.weekend_kw.astype(np.float64))
        / np.maximum(np.abs(weekday), _TINY_KW),
        "baseload share": profiles.baseload_kw / scale,
        "exports": (profiles.export_kwh > _EXPORTING * profiles.import_kwh).astype(np.float64),
    }
    return pd.DataFrame(columns, dtype=np.float64).clip(-20, 20)


def build_features(
    profiles: Profiles,
    attributes: pd.DataFrame | None,
    settings: TargetSettings,
    extra: Mapping[str, NDArray[Any] | None] | None = None,
) -> Features:
    """Everything that may enter the likelihood, before the check for leaks.

    Args:
        profiles: of the n customers used.
        attributes: ``customer_id`` and any columns, or ``None``.
        settings: protected columns and those that exclude from offers.
        extra: further (n,) numbers by name, such as signs of technology; ``None`` or NaN where not known.
    """
    frame = load_features(profiles)
    for name, values in (extra or {}).items():
        if values is not None and np.isfinite(values).any():
            frame[name] = np.asarray(values, dtype=np.float64)
    if attributes is None:
        return Features(frame, [])
    excluding = [name for names in exclusion_columns(settings).values() for name in names]
    excluded = set(matching_columns(attributes.columns, excluding))
    protected = set(matching_columns(attributes.columns, settings.protected_columns))
    row = pd.Index(attributes["customer_id"].astype(str)).get_indexer(
        pd.Index(profiles.customer_id.astype(object))
    )
    left_out: list[LeftOutFeature] = []
    for column in attributes.columns.drop("customer_id"):
        if column in excluded:
            left_out.append(_left(column, "exclusion", "says who may not be offered a program"))
        elif column in protected:
            left_out.append(
                _left(column, "protected", "declared protected: kept for the check of fairness only")
            )
        elif (reason := _add(frame, str(column), attributes[column], row)) is not None:
            left_out.append(reason)
    return Features(frame, left_out)


def _add(
    frame: pd.DataFrame, column: str, values: "pd.Series[Any]", row: NDArray[np.intp]
) -> LeftOutFeature | None:
    """Add a column of the customer file as numbers or as a class; the reason where it is neither."""
    name = column if column not in frame else f"{column} (customer file)"
    # Few distinct values: what they are is settled once for each.
    codes, distinct = pd.factorize(values)
    texts = [str(value).strip() for value in distinct]
    texts = ["" if text.lower() in _UNKNOWN else text for text in texts]
    code = np.where(row >= 0, codes[row], -1)
    used = np.unique(code)
    texts_used = {texts[place] if place >= 0 else "" for place in used.tolist()}
    known = sorted(texts_used - {""})
    # An empty cell can tell something too.
    if len(texts_used) < 2:
        return None
    numbers = [_number(text) for text in texts]
    if len(known) > 2 and all(
        number is not None for number, text in zip(numbers, texts, strict=True) if text
    ):
        frame[name] = np.array([np.nan if n is None else n for n in numbers] + [np.nan])[code]
        return None
    if _share_of_dates(known) > 0.9:
        return _left(column, "date", "holds dates, which may lie after the offer")
    if len(known) > LEVELS_MAX:
        described = f"has {len(known):,} different values: it names customers rather than describes them"
        return _left(column, "too-many-values", described)
    frame[name] = np.array([text or NOT_KNOWN for text in texts] + [NOT_KNOWN], dtype=object)[code]
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _share_of_dates(known: Sequence[str]) -> float:
    return sum(len(text) >= 10 and text[:4].isdigit() and text[4] == text[7] == "-" for text in known) / len(
        known
    )


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) mean of the known values of a row; NaN where there is none."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: NDArray[np.float64] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def _left(feature: str, reason: Any, description: str) -> LeftOutFeature:
    return LeftOutFeature(feature=str(feature), reason=reason, description=description)
