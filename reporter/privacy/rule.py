"""The aggregation rule: how many customers a published sum needs, and how much of it one of them may be.

15/15, at least 15 customers and none over 15 % of the energy, is the default. Utilities in California publish under the Public Utilities
Commission's decision D.14-05-016 numbers of at least 100 residential customers, and of at least 15 others none of whom is over 15 %;
elsewhere other numbers are asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reporter.settings import PrivacySettings
from reporter.targets.attributes import matching_columns

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
Cells = NDArray[np.int64]
"""(n,) set of each customer; −1: in none."""


@dataclass(frozen=True)
class Rule:
    """A rule."""

    customers: int
    """Fewest customers."""
    share: float = 1.0
    """Most of the energy that one of them may be."""

    @classmethod
    def of(cls, text: str) -> "Rule":
        """``15/15`` or ``100``."""
        customers, _, share = text.partition("/")
        return cls(int(customers), float(share) / 100 if share else 1.0)

    def stricter(self, other: "Rule") -> "Rule":
        """What satisfies both."""
        return Rule(max(self.customers, other.customers), min(self.share, other.share))

    def allows(self, customers: float, energy: float, largest: float) -> bool:
        """Whether a sum may be published.

        Args:
            customers: how many it is of.
            energy: their energy [kWh].
            largest: that of the largest of them [kWh].
        """
        return customers >= self.customers and largest <= self.share * energy * (1 + 1e-12)

    @property
    def text(self) -> str:
        """As settings write it."""
        return f"{self.customers}" + (f"/{100 * self.share:g}" if self.share < 1 else "")


@dataclass(frozen=True)
class Ruled:
    """Customers with what the rule looks at: a set of several classes satisfies the rules of all of them."""

    energy: Float
    """(n,) energy taken and given [kWh]."""
    class_of: NDArray[np.int64]
    """(n,) index into ``rules``."""
    rules: tuple[Rule, ...]

    def rule(self, rows: Mask) -> Rule:
        """The rule of a set: the strictest of those of its classes."""
        found = [self.rules[place] for place in np.unique(self.class_of[rows]).tolist()]
        result: Rule = found[0]
        for other in found[1:]:
            result = result.stricter(other)
        return result

    def allows(self, rows: Mask) -> bool:
        """Whether sums over a set may be published; of nobody there is nothing to publish."""
        if not rows.any():
            return True
        energy = self.energy[rows]
        return self.rule(rows).allows(int(rows.sum()), float(energy.sum()), float(energy.max()))

    @property
    def least(self) -> int:
        """Fewest customers that every rule asks for."""
        return max(rule.customers for rule in self.rules)


@dataclass(frozen=True)
class Shared:
    """Sets that divide customers, with what the rule looks at: unions of them are many, and customers may be a million."""

    rows: Cells
    """(k,) the customers who are in one."""
    atom: Cells
    """(k,) set of each of these."""
    customers: int
    """How many customers there are."""
    count: Float
    """(m,)"""
    energy: Float
    """(m,) [kWh]"""
    largest: Float
    """(m,) energy of the largest customer [kWh]."""
    fewest: Float
    """(m,) customers that the rule of the set asks for."""
    share: Float
    """(m,) most of the energy that one of them may be."""

    @classmethod
    def of(cls, rows: Cells, atom: Cells, m: int, ruled: Ruled) -> "Shared":
        """The ``m`` sets of the customers in ``rows``."""
        energy = ruled.energy[rows]
        kind = ruled.class_of[rows]
        largest, fewest, share = np.zeros(m), np.zeros(m), np.ones(m)
        np.maximum.at(largest, atom, energy)
        np.maximum.at(fewest, atom, np.array([rule.customers for rule in ruled.rules])[kind])
        np.minimum.at(share, atom, np.array([rule.share for rule in ruled.rules])[kind])
        return cls(
            rows, atom, len(ruled.energy), np.asarray(np.bincount(atom, minlength=m), dtype=np.float64),
            np.asarray(np.bincount(atom, weights=energy, minlength=m), dtype=np.float64), largest, fewest, share,
        )  # fmt: skip

    def allows(self, inside: Mask) -> bool:
        """Whether sums over a union of sets may be published."""
        rule = Rule(int(self.fewest[inside].max()), float(self.share[inside].min()))
        return rule.allows(
            float(self.count[inside].sum()),
            float(self.energy[inside].sum()),
            float(self.largest[inside].max()),
        )

    def outweighing(self, inside: Mask) -> list[int] | None:
        """The sets with a customer who is too much of a union; ``None`` where the union is of too few."""
        if self.count[inside].sum() < self.fewest[inside].max():
            return None
        most = float(self.share[inside].min()) * float(self.energy[inside].sum()) * (1 + 1e-12)
        return np.flatnonzero(inside & (self.largest > most)).tolist()

    def too_small(self) -> Mask | None:
        """(n,) customers of sets that by themselves break the strictest rule of all; none where all unions may be published."""
        rule = Rule(int(self.fewest.max()), float(self.share.min()))
        small = np.array(
            [
                not rule.allows(*looked)
                for looked in zip(
                    self.count.tolist(), self.energy.tolist(), self.largest.tolist(), strict=True
                )
            ]
        )
        return self.members(small) if small.any() else None

    def members(self, inside: Mask) -> Mask:
        """(n,) the customers of a union."""
        found = np.zeros(self.customers, dtype=np.bool_)
        found[self.rows[inside[self.atom]]] = True
        return found


def ruled(
    energy: Float, customer_id: NDArray[np.str_], attributes: pd.DataFrame | None, settings: PrivacySettings
) -> Ruled:
    """The rules of the customers used, by the class that the customer file gives them.

    Args:
        energy: (n,) energy taken and given [kWh].
        customer_id: (n,)
        attributes: ``customer_id`` and any columns, or ``None``.
        settings: the rule, and those of classes.
    """
    rules = [Rule.of(settings.rule)]
    class_of = np.zeros(len(energy), dtype=np.int64)
    by_class: Mapping[str, str] = settings.classes
    columns = [] if attributes is None else matching_columns(attributes.columns, settings.class_columns)
    if attributes is not None and columns and by_class:
        row = pd.Index(attributes["customer_id"].astype(str)).get_indexer(
            pd.Index(customer_id.astype(object))
        )
        value = attributes[columns[0]].astype(str).str.strip().str.lower().to_numpy()
        for name, text in sorted(by_class.items()):
            rules.append(Rule.of(text))
            class_of[(row >= 0) & (value[row] == name.strip().lower())] = len(rules) - 1
    return Ruled(energy, class_of, tuple(rules))
