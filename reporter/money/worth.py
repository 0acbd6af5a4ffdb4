"""What a run hands on about money: the cost tests and the bills, each where its file is given."""

from dataclasses import dataclass

import pandas as pd

from reporter.money.bills import MonthBills, bills, month_bills
from reporter.money.build import money
from reporter.money.costs import Costs
from reporter.money.rows import Bills, Money
from reporter.money.tariff import Tariff
from reporter.profiles import Profiles
from reporter.segments import Segmentation
from reporter.settings import Settings
from reporter.targets import Targeting
from reporter.targets.catalogue import Catalogue
from reporter.targets.fairness import attribute_groups

_CLOCK_RATE = "time-of-use-rate"
"""The program of the catalogue whose published effect says what moves under a time-of-use rate."""


@dataclass(frozen=True)
class Worth:
    """What the offers are worth, and what a tariff does to bills."""

    money: Money | None
    bills: Bills | None
    each: MonthBills | None = None
    """Of each customer used; none without a tariff."""


def worth(
    costs: Costs | None,
    tariff: Tariff | None,
    profiles: Profiles,
    segmentation: Segmentation,
    targeting: Targeting,
    attributes: pd.DataFrame | None,
    catalogue: Catalogue,
    settings: Settings,
    *,
    by_moments: bool = False,
) -> Worth:
    """As far as the files allow; ``by_moments`` as in ``bills``."""
    shift = next(
        (p.effect.value for p in catalogue.program if p.id == _CLOCK_RATE and p.effect is not None), None
    )
    groups = attribute_groups(attributes, profiles.customer_id, settings.targets)
    each = month_bills(tariff, profiles) if tariff is not None else None
    return Worth(
        money(costs, tariff, targeting, profiles, catalogue, settings) if costs is not None else None,
        bills(tariff, each, profiles, segmentation, groups, settings.money, shift, by_moments=by_moments)
        if tariff is not None and each is not None
        else None,
        each,
    )
