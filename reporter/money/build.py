"""Targeting and the utility's own inputs → what the offers are worth."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from reporter.money.bills import month_energy
from reporter.money.cost_tests import (
    NEEDS_PRICE,
    TESTS,
    Case,
    Grossing,
    Item,
    Terms,
    annuity,
    balance,
    present_values,
    together,
)
from reporter.money.costs import RUN_KEYS, Costs, ProgramCosts
from reporter.money.rows import ItemValue, Money, ProgramCase, TestResult
from reporter.money.tariff import Tariff, Year, price_at
from reporter.money.turns import turns
from reporter.profiles import Profiles
from reporter.settings import Settings
from reporter.targets import Targeting
from reporter.targets.catalogue import Catalogue

Float = NDArray[np.float64]
_OPTIONAL = tuple(
    name
    for name, field in ProgramCosts.model_fields.items()
    if field.default is None and name not in (*RUN_KEYS, "factors")
)
"""What counts as nothing where it is not given."""


def money(
    costs: Costs,
    tariff: Tariff | None,
    targeting: Targeting,
    profiles: Profiles,
    catalogue: Catalogue,
    settings: Settings,
) -> Money | None:
    """The four tests per program and for all of them; none where nothing is offered."""
    cases, without = _cases(costs, tariff, targeting, profiles, catalogue)
    if not cases and not without:
        return None
    losses, reserve = settings.peak.losses, settings.peak.reserve
    terms = Terms.of(costs, Grossing((1 + reserve) / (1 - losses), 1 / (1 - losses)))
    overhead = (costs.overhead.once, costs.overhead.per_year)
    shared = overhead[0] + annuity(terms, 0.0) * overhead[1]
    return Money(
        currency=costs.currency,
        note=costs.note,
        discount_rate=costs.discount_rate,
        life_years=costs.life_years,
        swing=settings.money.swing,
        if_all_enrol=targeting.enrolment_basis == "none",
        programs=[_program(case, terms) for case in cases],
        portfolio=_portfolio(cases, terms, shared),
        turns=turns(cases, terms, overhead, settings.money.swing) if cases else [],
        without_costs=without,
    )


def _cases(
    costs: Costs, tariff: Tariff | None, targeting: Targeting, profiles: Profiles, catalogue: Catalogue
) -> tuple[list[Case], list[str]]:
    offered = targeting.listed[targeting.group == "offer"]
    chance = np.where(np.isfinite(targeting.participation), targeting.participation, 1.0)[offered]
    cases, without = [], []
    for program in catalogue.program:
        mine = targeting.program[offered] == program.id
        own = costs.of(program.id)
        if not mine.any():
            continue
        if own is None:
            without.append(program.title)
            continue
        rows, weight = offered[mine], chance[mine]
        low, value, high = (
            np.nan_to_num(part[rows]) * weight
            for part in (targeting.effect_low_kw, targeting.effect_kw, targeting.effect_high_kw)
        )
        hours = program.rebound.hours if program.rebound else 1
        price, after = _prices(costs, tariff, profiles, rows, value, hours)
        cases.append(
            Case(
                program=program.id,
                title=program.title,
                offers=len(rows),
                enrolments=float(weight.sum()),
                low_kw=float(low.sum()),
                kw=float(value.sum()),
                high_kw=float(high.sum()),
                hours_a_year=None
                if program.events_a_year is None or program.hours_an_event is None
                else program.events_a_year * program.hours_an_event,
                price_event=price,
                price_after=after,
                rebound_share=program.rebound.share if program.rebound else 0.0,
                costs=own,
                factors=own.factors or costs.factors,
            )
        )
    return sorted(cases, key=lambda case: -case.kw), without


def _prices(
    costs: Costs,
    tariff: Tariff | None,
    profiles: Profiles,
    rows: NDArray[np.int64],
    effect: Float,
    hours_after: int,
) -> tuple[float | None, float | None]:
    """What a kWh costs those who enrol, in the peak hours and in the hours after, each customer weighted by its effect."""
    if tariff is None:
        return costs.retail_price_per_kwh, costs.retail_price_per_kwh
    year = Year.of(profiles.daily.dates, profiles.daily.weekend)
    month = month_energy(profiles, year)[rows].sum(axis=(1, 2))
    weight = effect if effect.sum() > 0 else np.ones(len(rows))
    weekend = dict(zip(profiles.daily.dates, profiles.daily.weekend.tolist(), strict=True))
    last = {
        day: max(start for start in profiles.peak.starts if start.date() == day)
        for day in {start.date() for start in profiles.peak.starts}
    }
    after = [
        start + timedelta(hours=step)
        for _, start in sorted(last.items())
        for step in range(1, hours_after + 1)
    ]

    def mean(times: Sequence[datetime]) -> float:
        each = [price_at(tariff.current, at, weekend.get(at.date(), False), month) for at in times]
        return float(np.mean([np.average(prices, weights=weight) for prices in each]))

    return mean(profiles.peak.starts), mean(after)


def _program(case: Case, terms: Terms) -> ProgramCase:
    ends = {end: present_values(case, terms, getattr(case, end)) for end in ("low_kw", "kw", "high_kw")}
    factors = case.factors
    return ProgramCase(
        program=case.program,
        title=case.title,
        offers=case.offers,
        enrolments=case.enrolments,
        low_kw=case.low_kw,
        kw=case.kw,
        high_kw=case.high_kw,
        hours_a_year=case.hours_a_year,
        derating=factors.availability * factors.notification * factors.trigger,
        items=[ItemValue(item=item, value=value) for item, value in ends["kw"].items()],
        tests=_tests(ends, priced=case.price_event is not None),
        not_given=[name for name in _OPTIONAL if getattr(case.costs, name) is None],
    )


def _portfolio(cases: Sequence[Case], terms: Terms, shared: float) -> ProgramCase:
    ends = {
        end: together([present_values(case, terms, getattr(case, end)) for case in cases], shared)
        for end in ("low_kw", "kw", "high_kw")
    }
    return ProgramCase(
        program=None,
        title="All programs",
        offers=sum(case.offers for case in cases),
        enrolments=sum(case.enrolments for case in cases),
        low_kw=sum(case.low_kw for case in cases),
        kw=sum(case.kw for case in cases),
        high_kw=sum(case.high_kw for case in cases),
        hours_a_year=None,
        derating=None,
        items=[ItemValue(item=item, value=value) for item, value in ends["kw"].items()],
        tests=_tests(ends, priced=bool(cases) and all(case.price_event is not None for case in cases)),
        not_given=[],
    )


def _tests(ends: Mapping[str, dict[Item, float]], *, priced: bool) -> list[TestResult]:
    found = []
    for test in TESTS:
        low, value, high = (balance(ends[end], test) for end in ("low_kw", "kw", "high_kw"))
        known = priced or test not in NEEDS_PRICE
        found.append(
            TestResult(
                test=test,
                benefits=value.benefits if known else None,
                costs=value.costs if known else None,
                net=value.net if known else None,
                ratio=value.ratio if known else None,
                low_net=low.net if known else None,
                high_net=high.net if known else None,
                low_ratio=low.ratio if known else None,
                high_ratio=high.ratio if known else None,
            )
        )
    return found
