"""The four tests of the California Standard Practice Manual, as the demand-response protocols apply them.

California Public Utilities Commission: *Standard Practice Manual: Economic Analysis of Demand-Side Programs and Projects*,
October 2001; *2010 Demand Response Cost Effectiveness Protocols*, decision D.10-12-024, attachment 1. Which parts of these were
checked against a text, and which were not, is in ``docs/method.md``. Money of a year t counts 1 ÷ (1 + d)^(t − 1) of its value: the
first year is not discounted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from reporter.money.costs import Costs, Factors, ProgramCosts

Test = Literal["trc", "pac", "rim", "participant"]
Item = Literal[
    "capacity", "transmission-distribution", "energy", "supply", "administration", "equipment", "participant-equipment",
    "participant-costs", "incentives", "bill-reductions", "bill-increases",
]  # fmt: skip

TESTS: tuple[Test, ...] = ("trc", "pac", "rim", "participant")
ROLES: dict[Item, dict[Test, int]] = {
    "capacity": {"trc": 1, "pac": 1, "rim": 1},
    "transmission-distribution": {"trc": 1, "pac": 1, "rim": 1},
    "energy": {"trc": 1, "pac": 1, "rim": 1},
    "supply": {"trc": -1, "pac": -1, "rim": -1},
    "administration": {"trc": -1, "pac": -1, "rim": -1},
    "equipment": {"trc": -1, "pac": -1, "rim": -1},
    "participant-equipment": {"trc": -1, "participant": -1},
    "participant-costs": {"trc": -1, "participant": -1},
    # Paid by all customers to those who take part: no cost to both together.
    "incentives": {"pac": -1, "rim": -1, "participant": 1},
    "bill-reductions": {"rim": -1, "participant": 1},
    "bill-increases": {"rim": 1, "participant": -1},
}
"""Who gains (1) and who pays (−1). A bill reduction is revenue lost, an increase revenue gained."""
NEEDS_PRICE: tuple[Test, ...] = ("rim", "participant")
"""Tests that can't be made where it is not known what customers pay for energy."""

Input = Literal[
    "reduction", "enrolments", "capacity", "transmission-distribution", "energy", "administration", "equipment",
    "participant-equipment", "incentives", "participant-costs", "rebound", "attrition", "discount-rate", "life",
]  # fmt: skip


@dataclass(frozen=True)
class Grossing:
    """What a kW or kWh at the meter is at the system."""

    capacity: float = 1.0
    """(1 + reserve) ÷ (1 − losses)."""
    energy: float = 1.0
    """1 ÷ (1 − losses)."""


@dataclass(frozen=True)
class Case:
    """A program as it would run."""

    program: str
    title: str
    offers: int
    enrolments: float
    """Expected; where take-up is not known, all offers."""
    low_kw: float
    """Reduction of all enrolments at the meter, at the low end of the published range [kW]."""
    kw: float
    high_kw: float
    hours_a_year: float | None
    """Hours of events; none where neither the costs nor the catalogue say so, and no energy is counted then [h]."""
    price_event: float | None
    """What an enrolled customer pays per kWh in events."""
    price_after: float | None
    """The same after them."""
    rebound_share: float
    """Part of the energy reduced that comes back; 0 where it is not known."""
    costs: ProgramCosts
    factors: Factors


@dataclass(frozen=True)
class Terms:
    """What all programs share, with the scales by which sensitivity moves inputs."""

    discount_rate: float
    life_years: int
    capacity_per_kw_year: float
    transmission_distribution_per_kw_year: float
    energy_per_kwh: float
    grossing: Grossing
    scale: Mapping[Input, float] = field(default_factory=dict)

    @classmethod
    def of(cls, costs: Costs, grossing: Grossing) -> "Terms":
        """Those of a costs file."""
        return cls(
            costs.discount_rate,
            costs.life_years,
            costs.avoided.capacity_per_kw_year,
            costs.avoided.transmission_distribution_per_kw_year or 0.0,
            costs.avoided.energy_per_kwh,
            grossing,
        )

    def scaled(self, name: Input, factor: float) -> "Terms":
        """The same with one input ``factor`` times as large."""
        return replace(self, scale={**self.scale, name: factor})

    def times(self, name: Input) -> float:
        """Scale of an input."""
        return self.scale.get(name, 1.0)


def present_values(case: Case, terms: Terms, kw: float) -> dict[Item, float]:
    """Present value of each item over the life of the measure.

    Args:
        case: the program.
        terms: prices, rate, life.
        kw: reduction of all enrolments in the first year, at the meter [kW].
    """
    costs = case.costs
    enrolled = case.enrolments * terms.times("enrolments")
    kw = kw * terms.times("reduction") * terms.times("enrolments")
    # Equipment and asking are paid once, in the first year; the rest as long as customers stay.
    years = annuity(terms, 0.0)
    stay = annuity(terms, costs.attrition or 0.0)
    factors = case.factors
    kwh = kw * (case.hours_a_year or 0.0)
    back = kwh * case.rebound_share * terms.times("rebound")
    capacity = kw * terms.grossing.capacity * factors.availability * factors.notification * factors.trigger
    incentives = (
        enrolled * _(costs.incentive_per_enrolment)
        + stay * (enrolled * _(costs.incentive_per_enrolment_year) + kwh * _(costs.incentive_per_kwh))
    ) * terms.times("incentives")
    energy_price = terms.energy_per_kwh * terms.times("energy")
    return {
        "capacity": stay * capacity * terms.capacity_per_kw_year * terms.times("capacity"),
        "transmission-distribution": stay
        * kw
        * terms.grossing.energy
        * factors.distribution
        * terms.transmission_distribution_per_kw_year
        * terms.times("transmission-distribution"),
        "energy": stay * kwh * terms.grossing.energy * factors.energy * energy_price,
        # What comes back does so outside the scarce hours.
        "supply": stay * back * terms.grossing.energy * energy_price,
        "administration": (
            _(costs.administration_once)
            + case.offers * _(costs.administration_per_offer)
            + years * _(costs.administration_per_year)
            + stay * enrolled * _(costs.administration_per_enrolment_year)
        )
        * terms.times("administration"),
        "equipment": enrolled * _(costs.equipment_per_enrolment) * terms.times("equipment"),
        "participant-equipment": enrolled
        * _(costs.participant_equipment_per_enrolment)
        * terms.times("participant-equipment"),
        "participant-costs": incentives
        * _(costs.participant_share_of_incentives)
        * terms.times("participant-costs"),
        "incentives": incentives,
        "bill-reductions": stay * kwh * _(case.price_event),
        "bill-increases": stay * back * _(case.price_after),
    }


def annuity(terms: Terms, attrition: float) -> float:
    """Present value of 1 a year over the life of the measure, while customers leave."""
    rate = terms.discount_rate * terms.times("discount-rate")
    stay = 1 - min(attrition * terms.times("attrition"), 1.0)
    life = round(terms.life_years * terms.times("life"))
    return sum((stay / (1 + rate)) ** year for year in range(life))


@dataclass(frozen=True)
class Balance:
    """A test's benefits and costs, present values."""

    benefits: float
    costs: float

    @property
    def net(self) -> float:
        """Benefits less costs."""
        return self.benefits - self.costs

    @property
    def ratio(self) -> float | None:
        """Benefits ÷ costs; none without costs."""
        return self.benefits / self.costs if self.costs > 0 else None


def balance(items: Mapping[Item, float], test: Test) -> Balance:
    """What a test makes of the items."""
    gains = sum(value for item, value in items.items() if ROLES[item].get(test) == 1)
    pays = sum(value for item, value in items.items() if ROLES[item].get(test) == -1)
    return Balance(gains, pays)


def together(parts: list[dict[Item, float]], overhead: float = 0.0) -> dict[Item, float]:
    """Items of several programs, with what they share in administration."""
    total: dict[Item, float] = dict.fromkeys(ROLES, 0.0)
    for items in parts:
        for item, value in items.items():
            total[item] += value
    total["administration"] += overhead
    return total


def _(value: float | None) -> float:
    """What is not given counts as nothing, and is named."""
    return value or 0.0
