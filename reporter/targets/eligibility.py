"""Who may be offered which program: the rules of the catalogue over segment, label, devices and attributes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.findings import Finding
from reporter.tables import flags_of
from reporter.targets.attributes import matching_columns
from reporter.targets.catalogue import Program, Range
from reporter.words import listed

Mask = NDArray[np.bool_]

_TELLING_DAYS = {"heating": "cold", "cooling": "warm"}
"""Sign → days without which the readings can't show it."""


class Devices(Protocol):
    """Signs of devices, and the load behind them in the peak hours."""

    def signs(self) -> dict[str, Mask]:
        """Technology → (n,) whether the customer shows a sign of it."""

    def frame(self) -> pd.DataFrame:
        """A column for each number that is one per customer."""


@dataclass(frozen=True)
class Known:
    """What is known of the n customers beside their load."""

    customer_id: NDArray[np.str_]
    attributes: pd.DataFrame | None
    devices: Devices | None
    opted_out: Mapping[str, Mask]
    """Program → (n,) opted out of it, by the history."""

    def column(self, names: tuple[str, ...]) -> list[tuple[str, "pd.Series[Any]"]]:
        """Columns of the customer file by these names, a value a customer (missing where the file has no row)."""
        if self.attributes is None:
            return []
        frame = self.attributes
        row = pd.Index(frame["customer_id"].astype(str)).get_indexer(
            pd.Index(self.customer_id.astype(object))
        )
        found = []
        for name in matching_columns(frame.columns, names):
            values = frame[name].reset_index(drop=True)
            found.append((name, values.reindex(np.where(row >= 0, row, len(values))).reset_index(drop=True)))
        return found


@dataclass(frozen=True)
class Eligibility:
    """Who may be offered each program, by the customers' own rules (labels and segments aside)."""

    masks: Mapping[str, Mask]
    findings: list[Finding]


def eligibility(programs: tuple[Program, ...], known: Known) -> Eligibility:
    """Masks of all programs, and what could not be told."""
    findings: list[Finding] = []
    untold: dict[str, list[str]] = {}
    masks = {}
    for program in programs:
        mask = np.ones(len(known.customer_id), dtype=np.bool_)
        if program.seeks_devices:
            mask, told = _has_device(program, known)
            if not told:
                untold.setdefault(_what_it_takes(program), []).append(program.title)
        for column, allowed in program.eligible.attributes.items():
            fits, told = _fits(column, allowed, known)
            mask &= fits
            if not told:
                untold.setdefault(f"the column '{column}' of the customer file", []).append(program.title)
        for _, values in known.column(program.excluded_by):
            mask &= ~_true(values)
        if program.id in known.opted_out:
            mask &= ~known.opted_out[program.id]
        masks[program.id] = mask
    if untold:
        parts = [f"{listed(titles)} (without {needed})" for needed, titles in untold.items()]
        findings.append(
            Finding(
                name="program-not-matched",
                severity="info",
                description=f"Offered to nobody, since who could be is not known: {'; '.join(parts)}.",
                data={"programs": dict(untold)},
            )
        )
    return Eligibility(masks, findings)


def _has_device(program: Program, known: Known) -> tuple[Mask, bool]:
    """(n,) a sign in the readings or a statement in the customer file; and whether anything can tell."""
    mask, told = np.zeros(len(known.customer_id), dtype=np.bool_), False
    if known.devices is not None and program.eligible.signs:
        signs = known.devices.signs()
        numbers = known.devices.frame()
        for sign in program.eligible.signs:
            mask |= signs[sign]
            told |= bool(np.isfinite(numbers[f"{sign}_probability"]).any())
    for _, values in known.column(program.eligible.devices):
        mask |= _true(values)
        told = True
    return mask, told


def _what_it_takes(program: Program) -> str:
    needed = []
    days = [day for sign, day in _TELLING_DAYS.items() if sign in program.eligible.signs]
    if days:
        needed.append(f"--temperature of some {' and '.join(days)} days")
    if program.eligible.devices:
        needed.append(f"a column of the customer file such as '{program.eligible.devices[0]}'")
    return " or ".join(needed) or "signs of devices in the readings"


def _fits(column: str, allowed: Any, known: Known) -> tuple[Mask, bool]:
    found = known.column((column,))
    if not found:
        return np.zeros(len(known.customer_id), dtype=np.bool_), False
    values = found[0][1]
    if isinstance(allowed, Range):
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
        low = -np.inf if allowed.at_least is None else allowed.at_least
        high = np.inf if allowed.at_most is None else allowed.at_most
        with np.errstate(invalid="ignore"):
            return (numbers >= low) & (numbers <= high), True
    wanted = {_plain(value) for value in allowed}
    codes, distinct = pd.factorize(values)
    good = np.array([_plain(value) in wanted for value in distinct] + [False])
    return good[codes], True


def _plain(value: Any) -> str:
    return str(value).strip().lower()


def _true(values: "pd.Series[Any]") -> Mask:
    flags, _ = flags_of(values)
    return flags


def describe(program: Program) -> str:
    """Who a program is for, in a clause; empty where it is for all."""
    rules = []
    if program.seeks_devices:
        names = [*program.eligible.signs, *program.eligible.devices]
        plain = dict.fromkeys(name.replace("_", " ") for name in names)
        rules.append(f"with {' or '.join(plain)}")
    for column, allowed in program.eligible.attributes.items():
        if isinstance(allowed, Range):
            ends = [
                f"at least {allowed.at_least:g}" if allowed.at_least is not None else "",
                f"at most {allowed.at_most:g}" if allowed.at_most is not None else "",
            ]
            rules.append(f"{column} {' and '.join(end for end in ends if end)}")
        else:
            rules.append(f"{column} {' or '.join(_plain(value) for value in allowed)}")
    return "; ".join(rules)
