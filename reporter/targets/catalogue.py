"""The catalogue of programs: data that a utility edits, validated on reading."""

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from reporter.errors import DataError
from reporter.toml_files import line_of, read_toml

EndUse = Literal["ev", "temperature", "water"]
Sign = Literal["ev", "solar", "heating", "cooling", "water"]
Basis = Literal["share-of-load", "share-of-end-use", "kw-per-enrolment"]
Value = str | bool | int | float


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Effect(_Entry):
    """A published effect: what a program takes away in events."""

    basis: Basis = Field(
        "share-of-load",
        description="share-of-load: of the customer's load in the peak hours; share-of-end-use: of the part of it that end_use names; kw-per-enrolment: kW",
    )
    end_use: EndUse | None = Field(
        None,
        description="what it acts on: ev, temperature (heating and cooling) or water; with another basis than share-of-end-use the effect is at most this "
        "load, where it is known",
    )
    value: float = Field(ge=0, description="the effect used")
    low: float = Field(ge=0, description="low end of the published range")
    high: float = Field(ge=0, description="high end of the published range")

    @model_validator(mode="after")
    def _sound(self) -> "Effect":
        most = max(self.low, self.value, self.high)
        if self.basis != "kw-per-enrolment" and most > 1:
            raise ValueError(f"a share is at most 1, and here is {most:g}; write 0.2 for 20 %")
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low {self.low} ≤ value {self.value} ≤ high {self.high} does not hold")
        if self.basis == "share-of-end-use" and self.end_use is None:
            raise ValueError("the basis share-of-end-use needs an end_use: ev, temperature or water")
        return self


class Source(_Entry):
    """Where an effect was published."""

    citation: str = Field(min_length=1, description="author or publisher, title, year")
    basis: str = Field(min_length=1, description="what the effect is measured on")
    vendor_claim: bool = Field(description="true where the seller of the product published it")


class Range(_Entry):
    """Numbers of an attribute that fit."""

    at_least: float | None = Field(None, description="lowest that fits")
    at_most: float | None = Field(None, description="highest that fits")


class Eligible(_Entry):
    """Customers that a program is for; all that is given must hold."""

    segments: tuple[str, ...] = Field((), description="segment ids, such as S1; none given: any")
    signs: tuple[Sign, ...] = Field(
        (), description="devices of which the readings must show one: ev, solar, heating, cooling, water"
    )
    devices: tuple[str, ...] = Field(
        (),
        description="columns of the customer file that say the same (true or false), such as smart_thermostat",
    )
    attributes: dict[str, tuple[Value, ...] | Range] = Field(
        {}, description="column of the customer file → values that fit, or { at_least = 50, at_most = 200 }"
    )


class Enrolment(_Entry):
    """Share of offers that are accepted, by kind of offer: the utility's own figures."""

    offer: str = Field(description="the kind of offer that is planned")
    rates: dict[str, float] = Field(description="kind of offer → share that is accepted")

    @model_validator(mode="after")
    def _known(self) -> "Enrolment":
        for name, rate in self.rates.items():
            if not 0 < rate <= 1:
                raise ValueError(f"the rate of '{name}' is {rate}; write a share above 0 and at most 1")
        if self.offer not in self.rates:
            raise ValueError(
                f"there is no rate of the offer '{self.offer}'; the rates are of {', '.join(self.rates) or 'nothing'}"
            )
        return self


class Costs(_Entry):
    """What a program costs the utility: its own figures, in one currency throughout."""

    per_offer: float = Field(0.0, ge=0, description="cost of an offer, such as a letter or a call")
    per_enrolment: float = Field(
        0.0, ge=0, description="cost of an enrolment: device, installation, incentive"
    )


class Rebound(_Entry):
    """Load that comes back after an event: the utility's own figure, since published ones differ too much to ship one."""

    share: float = Field(ge=0, le=2, description="share of the energy reduced that comes back")
    hours: int = Field(ge=1, le=12, description="hours over which it does [h]")


class Program(_Entry):
    """A program that customers can be offered."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="stable name, kebab-case")
    title: str = Field(min_length=1, description="the program as a heading")
    phrase: str = Field(min_length=1, description="the program inside a sentence, with its article")
    labels: tuple[str, ...] = Field((), description="labels of segments that it fits; none given: any")
    own_peak_only: bool = Field(
        False, description="fits only where the segment's own peak falls into the peak hours"
    )
    why: str = Field(min_length=1, description="why it fits such a segment: the second half of a sentence")
    range_note: str = Field(min_length=1, description="what the ends of the range are, or why there is none")
    eligible: Eligible = Field(Eligible(), description="customers that it is for")
    excluded_by: tuple[str, ...] = Field(
        (), description="columns of the customer file that keep a customer off this program (true or false)"
    )
    effect: Effect | None = Field(None, description="absent: described but not quantified")
    source: Source | None = Field(None, description="where the effect was published")
    enrolment: Enrolment | None = Field(None, description="the utility's own; absent: not known")
    costs: Costs | None = Field(None, description="the utility's own; absent: not known")
    events_a_year: int | None = Field(None, ge=0, description="events that the tariff or contract allows")
    hours_an_event: float | None = Field(None, gt=0, le=24, description="length of an event [h]")
    rebound: Rebound | None = Field(
        None, description="load that comes back after an event, the utility's own; absent: not known"
    )

    @model_validator(mode="after")
    def _cited(self) -> "Program":
        if self.effect is not None and self.source is None:
            raise ValueError("an effect needs a [program.source]")
        return self

    @property
    def seeks_devices(self) -> bool:
        """It is for customers with some device, whatever the rest of their load looks like."""
        return bool(self.eligible.signs or self.eligible.devices)


class Catalogue(_Entry):
    """All programs, in the utility's order of preference."""

    currency: str = Field("", description="of all costs, such as USD")
    program: tuple[Program, ...] = Field(min_length=1, description="the programs, in order of preference")

    @cached_property
    def quantified(self) -> tuple[Program, ...]:
        """Programs with a published effect."""
        return tuple(program for program in self.program if program.effect is not None)


def shipped() -> Path:
    """The catalogue that comes with the package."""
    return Path(__file__).with_name("catalogue.toml")


def read_catalogue(path: Path | None = None, labels: Iterable[str] = ()) -> Catalogue:
    """The catalogue in a TOML file, by default the one that comes with the package.

    Args:
        path: the file.
        labels: labels that a segment can have; others are refused. None given: not checked.

    Raises:
        DataError: the file can't be read, or a key is unknown, missing or not valid: with file and line.
    """
    own = path is not None
    path = shipped() if path is None else path
    catalogue = read_toml(path, Catalogue, "the catalogue of programs")
    known = set(labels)
    seen: set[str] = set()
    for index, program in enumerate(catalogue.program):
        if program.id in seen:
            raise DataError(
                f"{path}, line {_line(path, index, 'id')}: the id '{program.id}' appears more than once; give each program its own."
            )
        seen.add(program.id)
        wrong = [label for label in program.labels if known and label not in known]
        # Labels are settings: with other ones the shipped programs fit fewer segments, which is no mistake in the file.
        if wrong and own:
            raise DataError(
                f"{path}, line {_line(path, index, 'labels')}: no segment can have the label '{wrong[0]}' (program '{program.id}'); the labels are "
                f"{', '.join(sorted(known))}."
            )
    return catalogue


def _line(path: Path, index: int, key: str) -> int:
    return line_of(path.read_text(encoding="utf-8-sig"), ("program", index, key))
