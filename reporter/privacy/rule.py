"""The aggregation rule: how many customers a published sum needs, and how much of it one of them may be.

15/15, at least 15 customers and none over 15 % of the energy, is the default. The California Public Utilities Commission asks in
decision D.14-05-016 for 100 residential customers, 15/15 for commercial and 5/25 for industrial ones; others ask for other numbers.
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
