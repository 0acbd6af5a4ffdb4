"""Signs of devices in sentences, of one customer or of the median of several, from the columns of ``customers.parquet``."""

from collections.abc import Mapping
from math import isfinite

from reporter.words import kw, percent

TITLES = {
    "ev": "Electric car",
    "solar": "Rooftop solar",
    "heating": "Load that follows cold",
    "cooling": "Load that follows heat",
    "water": "Electric water tank",
}
"""Technology → its name in a heading."""


def evidence(technology: str, numbers: Mapping[str, float]) -> str:
    """What the sign of a technology stands on, as a sentence without its full stop.

    Args:
        technology: one of ``TITLES``.
        numbers: columns of ``customers.parquet``, of a customer or medians over several.
    """

    def known(name: str) -> bool:
        return name in numbers and isfinite(numbers[name])

    if technology == "ev" and known("ev_kw"):
        hour = round(numbers["ev_hour"]) % 24
        return (
            f"level blocks of {kw(numbers['ev_kw'])}, {numbers['ev_kwh']:.0f} kWh each, from about {hour}:00, "
            f"on {percent(numbers['ev_day_share'])} of days"
        )
    if technology == "solar" and known("export_day_share"):
        if numbers["export_day_share"] >= 0.05:
            return f"power sent to the grid by day on {percent(numbers['export_day_share'])} of days"
        return f"the load at midday falls {kw(numbers['midday_dip_kw'])} below the lowest hour of the night"
    if technology in ("heating", "cooling") and known(f"{technology}_kw_per_c"):
        side = "below" if technology == "heating" else "above"
        slope, point = numbers[f"{technology}_kw_per_c"], numbers[f"change_point_{technology}_c"]
        return f"{slope:.3f} kW more for each degree that the day's mean is {side} {point:.0f} °C"
    if technology == "water" and known("water_kw"):
        return f"short level blocks of {kw(numbers['water_kw'])}"
    return "no sign"


def signs_of(customer: Mapping[str, float], sign_from: float = 0.5) -> list[tuple[str, float, str]]:
    """Technologies of which a customer shows a sign: name, probability and evidence, likeliest first.

    Args:
        customer: a row of ``customers.parquet``.
        sign_from: probability from which a device counts as a sign.
    """
    found = []
    for technology in TITLES:
        chance = customer.get(f"{technology}_probability", float("nan"))
        slope = customer.get(f"{technology}_kw_per_c", 1.0)
        if isfinite(chance) and chance >= sign_from and slope > 0:
            found.append((technology, float(chance), evidence(technology, customer)))
    return sorted(found, key=lambda sign: -sign[1])
