"""What a utility's own costs file says: avoided costs, de-rating factors, life, and what each program costs.

Nothing has a default that could pass for a figure of the utility's own: what a cost-effectiveness test can't do without must be
given, and what is left out counts as nothing and is named in the report.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from reporter.errors import DataError
from reporter.targets.catalogue import Catalogue, Rebound
from reporter.toml_files import line_of, read_toml

RUN_KEYS = ("events_a_year", "hours_an_event", "rebound")
"""Keys of a program that the catalogue may say as well."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Avoided(_Entry):
    """What a kW or a kWh that is not needed saves, in the first year's prices."""

    capacity_per_kw_year: float = Field(
        ge=0, description="generation capacity, per kW and year at the system"
    )
    energy_per_kwh: float = Field(ge=0, description="energy, with what belongs to it such as emissions")
    transmission_distribution_per_kw_year: float | None = Field(
        None, ge=0, description="transmission and distribution capacity, per kW and year"
    )


class Factors(_Entry):
    """The five factors that adjust avoided costs for a program that can't be called at any time: A, B and C those on capacity."""

    availability: float = Field(
        ge=0,
        le=1,
        description="A: share of the hours with a risk of too little capacity in which it can be called",
    )
    notification: float = Field(
        ge=0, le=1, description="B: what is left for the notice that it needs before an event"
    )
    trigger: float = Field(
        ge=0, le=1, description="C: what is left for the conditions under which it may be called"
    )
    distribution: float = Field(
        ge=0,
        le=1,
        description="D: share of the avoided transmission and distribution that it is in the right place and time for; 0 unless there is a reason why this program relieves the networks of an area",
    )
    energy: float = Field(
        ge=0,
        description="E: price of energy in events ÷ the avoided price of energy; above 1 for scarce hours",
    )


class ProgramCosts(_Entry):
    """What a program costs, and what it pays."""

    id: str = Field(description="of the program in the catalogue")
    administration_once: float | None = Field(None, ge=0, description="setting it up")
    administration_per_year: float | None = Field(None, ge=0, description="running it, a year")
    administration_per_offer: float | None = Field(None, ge=0, description="asking a customer, once")
    administration_per_enrolment_year: float | None = Field(
        None, ge=0, description="running it, per enrolment and year"
    )
    equipment_per_enrolment: float | None = Field(
        None, ge=0, description="device and installation that the utility pays, once"
    )
    participant_equipment_per_enrolment: float | None = Field(
        None, ge=0, description="device and installation that the customer pays, once"
    )
    incentive_per_enrolment: float | None = Field(None, ge=0, description="paid on enrolment, once")
    incentive_per_enrolment_year: float | None = Field(None, ge=0, description="paid a year")
    incentive_per_kwh: float | None = Field(None, ge=0, description="paid per kWh reduced in events")
    participant_share_of_incentives: float | None = Field(
        None,
        ge=0,
        description="the customers' trouble and lost comfort (transaction costs and value of service lost), as a share of the incentives; state your own: no source was checked for one",
    )
    events_a_year: int | None = Field(None, ge=0, description="events a year; else the catalogue's")
    hours_an_event: float | None = Field(
        None, gt=0, le=24, description="length of an event [h]; else the catalogue's"
    )
    rebound: Rebound | None = Field(
        None, description="load that comes back after an event; else the catalogue's"
    )
    attrition: float | None = Field(None, ge=0, lt=1, description="share of the enrolled who leave in a year")
    factors: Factors | None = Field(None, description="its own factors, instead of the file's")


class Overhead(_Entry):
    """What all programs share."""

    once: float = Field(0.0, ge=0, description="once")
    per_year: float = Field(0.0, ge=0, description="a year")


class Costs(_Entry):
    """The costs file."""

    currency: str = Field(min_length=1, description="of all money, such as USD")
    note: str = Field("", description="what a reader must know about these figures; printed with them")
    discount_rate: float = Field(ge=0, lt=1, description="a year, such as 0.07")
    life_years: int = Field(ge=1, le=60, description="years that a measure lasts")
    avoided: Avoided = Field(description="what a kW or a kWh that is not needed saves")
    factors: Factors = Field(description="the five factors on avoided costs")
    retail_price_per_kwh: float | None = Field(
        None, ge=0, description="what customers pay in events, where no tariff file says so"
    )
    overhead: Overhead = Field(
        Overhead(), description="what all programs share: counts in the portfolio only"
    )
    program: tuple[ProgramCosts, ...] = Field((), description="the programs")

    def of(self, program: str) -> ProgramCosts | None:
        """What the file says of a program."""
        return next((entry for entry in self.program if entry.id == program), None)

    def run_as(self, catalogue: Catalogue) -> Catalogue:
        """The catalogue with what this file says of how its programs are run: events, their length, what comes back."""
        programs = []
        for program in catalogue.program:
            own = self.of(program.id)
            said = {name: getattr(own, name, None) for name in RUN_KEYS}
            programs.append(
                program.model_copy(update={name: value for name, value in said.items() if value is not None})
            )
        return catalogue.model_copy(update={"program": tuple(programs)})


def read_costs(path: Path, programs: set[str]) -> Costs:
    """The costs in a TOML file.

    Args:
        path: the file.
        programs: ids of the catalogue; others are refused.

    Raises:
        DataError: the file can't be read, or a key is unknown, missing or not valid: with file and line.
    """
    costs = read_toml(path, Costs, "the costs file")
    seen: set[str] = set()
    for index, entry in enumerate(costs.program):
        if entry.id in programs and entry.id not in seen:
            seen.add(entry.id)
            continue
        line = line_of(path.read_text(encoding="utf-8-sig"), ("program", index, "id"))
        wrong = (
            "appears more than once; keep one [[program]] for it"
            if entry.id in seen
            else f"is no program of the catalogue; its ids are {', '.join(sorted(programs))}"
        )
        raise DataError(f"{path}, line {line}: '{entry.id}' {wrong}.")
    return costs
