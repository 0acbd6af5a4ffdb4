"""Which inputs turn the result: one at a time, all others as given."""

from collections.abc import Callable, Sequence

from reporter.money.cost_tests import Case, Input, Item, Terms, annuity, balance, present_values, together
from reporter.money.rows import InputTurn

_MOST = 100.0
_STEPS = 60
_INPUTS: tuple[Input, ...] = (
    "reduction", "enrolments", "capacity", "transmission-distribution", "energy", "administration", "equipment",
    "participant-equipment", "participant-costs", "rebound", "attrition", "discount-rate", "life",
)  # fmt: skip
Net = Callable[[float], float]


def portfolio_items(cases: Sequence[Case], terms: Terms, overhead: tuple[float, float]) -> dict[Item, float]:
    """Items of all programs and of what they share, at the published effect.

    Args:
        cases: the programs.
        terms: prices, rate, life.
        overhead: shared administration, once and a year.
    """
    once, per_year = overhead
    shared = (once + annuity(terms, 0.0) * per_year) * terms.times("administration")
    return together([present_values(case, terms, case.kw) for case in cases], shared)


def turns(
    cases: Sequence[Case], terms: Terms, overhead: tuple[float, float], swing: float
) -> list[InputTurn]:
    """What moves the net benefit of the total resource cost test, most first; inputs that move nothing are left out.

    The reduction runs over the range of the published effects, every other input from ``1 − swing`` to ``1 + swing`` times its value.
    """
    total = sum(case.kw for case in cases)
    range_of = {"reduction": (_part(cases, total, "low_kw"), _part(cases, total, "high_kw"))}
    found = []
    for name in _INPUTS:

        def net(times: float, name: Input = name) -> float:
            return balance(portfolio_items(cases, terms.scaled(name, times), overhead), "trc").net

        low, high = range_of.get(name, (1 - swing, 1 + swing))
        low_net, high_net = net(low), net(high)
        # Without a range of its own, an effect still has a break-even value.
        if low_net == high_net and net(2.0) == net(1.0):
            continue
        value, even = _value(name, terms), _break_even(net)
        found.append(
            InputTurn(
                input=name,
                value=value,
                low=low,
                high=high,
                low_net=low_net,
                high_net=high_net,
                break_even=even,
                break_even_value=None if value is None or even is None else value * even,
                turns=min(low_net, high_net) < 0 <= max(low_net, high_net),
            )
        )
    return sorted(found, key=lambda row: -abs(row.high_net - row.low_net))


def _part(cases: Sequence[Case], total: float, end: str) -> float:
    return sum(float(getattr(case, end)) for case in cases) / total if total > 0 else 1.0


def _value(name: Input, terms: Terms) -> float | None:
    return {
        "capacity": terms.capacity_per_kw_year,
        "transmission-distribution": terms.transmission_distribution_per_kw_year,
        "energy": terms.energy_per_kwh,
        "discount-rate": terms.discount_rate,
        "life": float(terms.life_years),
    }.get(name)


def _break_even(net: Net) -> float | None:
    """Times the value at which the net benefit is nothing: the result rises or falls with each input throughout."""
    start = net(1.0)
    low, high = (0.0, 1.0) if (net(0.0) < 0) != (start < 0) else (1.0, _MOST)
    below = net(low) < 0
    if (net(high) < 0) == below:
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if (net(middle) < 0) == below:
            low = middle
        else:
            high = middle
    return (low + high) / 2
