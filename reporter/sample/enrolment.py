"""What the utility knows about its customers, whom it has offered a program before, and who took it.

Those with a sharper evening, a larger home, a house of their own or an EV are likelier to enrol; who was offered is no
random choice either, as in life. A tenth, drawn by lot, was offered nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reporter.sample.population import AREAS, SHOP, VACANT, Population
from reporter.sample.shapes import home_shape_table
from reporter.sample.streams import ATTRIBUTES, ENROLMENT, Flags, Floats, Ints, choose, float32, stream

PROGRAM = "critical-peak-price"
"""The program of the history, by its id in the catalogue."""

WAVES = (330, 240, 150, 60)
"""Days before the first period on which offers went out."""

HOLDOUT_SHARE = 0.10
OFFERED_SHARE = 0.60
INTERCEPT = -1.75
EFFECTS = {"evening": 0.9, "size": 0.5, "owner": 0.8, "ev": 0.5}
"""What moves the logarithm of the odds of enrolment: evening share and size in standard deviations, owner and EV yes or no."""


@dataclass(frozen=True)
class History:
    """Offers of the past and what came of them, for n customers."""

    probability: NDArray[np.float64]
    """(n,) true probability that the customer enrols when offered."""
    holdout: Flags
    """(n,) set aside by lot, offered nothing."""
    offered: Flags
    enrolled: Flags
    opted_out: Flags
    """(n,) enrolled, then left the program."""
    offered_on: Ints
    """(n,) day of the offer, days before the first period, where offered."""
    enrolled_after: Ints
    """(n,) days from offer to enrolment, where enrolled."""
    response: Floats
    """(n,) part of the home's load that it drops in an event; 0 where it is in no program."""


def draw_attributes(population: Population, seed: int) -> pa.Table:
    """What a utility's customer system knows: one row a customer, in plausible shares.

    Attributes lean with the class, as in life (panels are seldom on apartments), and never give it away.
    """
    rng = stream(seed, ATTRIBUTES)
    n = len(population)
    business = population.household == SHOP
    time_of_use = rng.random(n) < np.where(population.has_ev, 0.6, 0.25)
    apartment = rng.random(n) < np.where(population.has_solar | population.has_ev, 0.08, 0.35)
    terrace = rng.random(n) < 0.4
    owner = rng.random(n) < np.where(apartment, 0.4, 0.75)
    rate_class = np.where(business, "small-business", np.where(time_of_use, "residential-tou", "residential"))
    dwelling = np.where(
        business, "shop", np.where(apartment, "apartment", np.where(terrace, "terrace", "house"))
    )
    return pa.table(
        {
            "customer_id": population.customer_id,
            "area": np.asarray(AREAS)[population.area],
            "rate_class": rate_class,
            "dwelling": dwelling,
            "tenure": np.where(owner, "owner", "tenant"),
            "electric_heating": population.heating_per_c > 0,
            "life_support": choose(rng, ~business, round(0.008 * n)),
            "medical_baseline": choose(rng, ~business, round(0.03 * n)),
        }
    )


def draw_history(population: Population, attributes: pa.Table, known: Flags, seed: int) -> History:
    """Offers and enrolments of the customers that the utility had by then (``known``)."""
    rng = stream(seed, ENROLMENT)
    n = len(population)
    owner = np.asarray(attributes["tenure"]) == "owner"
    frail = attributes["life_support"].to_numpy() | attributes["medical_baseline"].to_numpy()
    shape = home_shape_table()[:, 0]
    evening = (shape[:, 17:21].mean(axis=1) / shape.mean(axis=1))[population.home] * population.contrast
    score = INTERCEPT + (
        EFFECTS["evening"] * _standard(evening)
        + EFFECTS["size"] * _standard(np.log(population.mean_kw))
        + EFFECTS["owner"] * (owner - 0.6)
        + EFFECTS["ev"] * population.has_ev
    )
    probability = 1 / (1 + np.exp(-score))
    probability[population.household == VACANT] = 0.01
    holdout = choose(rng, np.ones(n, dtype=np.bool_), round(HOLDOUT_SHARE * n))
    # Mail went to large homes of owners first: those who were offered are not like the rest.
    weight = np.exp(0.5 * _standard(np.log(population.mean_kw)) + 0.6 * owner)
    may = known & ~holdout & ~frail & (population.household != SHOP)
    offered = choose(rng, may, round(OFFERED_SHARE * n), weight)
    enrolled = offered & (rng.random(n) < probability)
    opted_out = enrolled & (rng.random(n) < 0.15)
    response = np.clip(rng.normal(0.18, 0.06, n), 0.03, 0.35)
    return History(
        probability=probability,
        holdout=holdout,
        offered=offered,
        enrolled=enrolled,
        opted_out=opted_out,
        offered_on=np.asarray(WAVES)[rng.integers(0, len(WAVES), n)],
        enrolled_after=rng.integers(2, 45, n),
        response=float32(response * (enrolled & ~opted_out)),
    )


def customer_table(attributes: pa.Table, history: History) -> pa.Table:
    """The file of customers: attributes, and how each stands to the program."""
    columns = {
        "enrolled": history.enrolled & ~history.opted_out,
        "opted_out": history.opted_out,
        "holdout": history.holdout,
    }
    for name, values in columns.items():
        attributes = attributes.append_column(name, pa.array(values))
    return attributes


def enrolment_table(population: Population, history: History, start: date) -> pa.Table:
    """A row an offer: customer_id, program, offered, enrolled, enrolled_on, opted_out; by date and customer."""
    rows = np.flatnonzero(history.offered)
    rows = rows[np.lexsort((rows, -history.offered_on[rows]))]
    enrolled = history.enrolled[rows]
    offered = [start - timedelta(days=int(days)) for days in history.offered_on[rows]]
    on = [
        day + timedelta(days=int(after)) if took else None
        for day, after, took in zip(offered, history.enrolled_after[rows], enrolled, strict=True)
    ]
    return pa.table(
        {
            "customer_id": [population.customer_id[row] for row in rows],
            "program": [PROGRAM] * len(rows),
            "offered": pa.array(offered, pa.date32()),
            "enrolled": enrolled,
            "enrolled_on": pa.array(on, pa.date32()),
            "opted_out": history.opted_out[rows],
        }
    )


def history_truth(population: Population, history: History) -> pa.Table:
    """A row a customer: the true probability of enrolment, and what an enrolled one does in events."""
    group = np.where(history.holdout, "holdout", np.where(history.offered, "offered", "not-offered"))
    return pa.table(
        {
            "customer_id": population.customer_id,
            "program": [PROGRAM] * len(population),
            "group": group,
            "enrolment_probability": np.round(history.probability, 4),
            "event_response": np.round(history.response.astype(np.float64), 4),
        }
    )


def _standard(values: NDArray[np.floating]) -> NDArray[np.float64]:
    spread = values.std() if len(values) > 1 else 0.0
    return np.asarray((values - values.mean()) / (spread or 1.0), dtype=np.float64)
