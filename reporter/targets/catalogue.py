"""The catalogue of programs: data that a utility edits, validated on reading."""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reporter.errors import DataError

Label = Literal[
    "evening-peak",
    "mid-peak",
    "flat",
    "morning-peak",
    "midday-peak",
    "night-peak",
    "double-peak",
    "solar-export",
]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Effect(_Entry):
    """A published effect: the share of a customer's load in events that a program takes away."""

    value: float = Field(ge=0, le=1, description="the effect used")
    low: float = Field(ge=0, le=1, description="low end of the published range")
    high: float = Field(ge=0, le=1, description="high end of the published range")

    @model_validator(mode="after")
    def _ordered(self) -> "Effect":
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low {self.low} ≤ value {self.value} ≤ high {self.high} does not hold")
        return self


class Source(_Entry):
    """Where an effect was published."""

    citation: str = Field(min_length=1, description="author or publisher, title, year")
    basis: str = Field(min_length=1, description="what the effect is measured on")
    vendor_claim: bool = Field(description="true where the seller of the product published it")


class Costs(_Entry):
    """What a program costs the utility: its own figures, in one currency throughout."""

    per_offer: float = Field(0.0, ge=0, description="cost of an offer, such as a letter or a call")
    per_enrolment: float = Field(
        0.0, ge=0, description="cost of an enrolment: device, installation, incentive"
    )


class Program(_Entry):
    """A program that customers can be offered."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="stable name, kebab-case")
    title: str = Field(min_length=1, description="the program as a heading")
    phrase: str = Field(min_length=1, description="the program inside a sentence, with its article")
    labels: tuple[Label, ...] = Field(description="labels of segments that it fits")
    own_peak_only: bool = Field(
        False, description="fits only where the segment's own peak falls into the peak hours"
    )
    why: str = Field(min_length=1, description="why it fits such a segment: the second half of a sentence")
    range_note: str = Field(min_length=1, description="what the ends of the range are, or why there is none")
    effect: Effect | None = Field(None, description="absent: described but not quantified")
    source: Source | None = Field(None, description="where the effect was published")
    costs: Costs | None = Field(None, description="the utility's own; absent: not known")

    @model_validator(mode="after")
    def _cited(self) -> "Program":
        if self.effect is not None and self.source is None:
            raise ValueError("an effect needs a [program.source]")
        return self


class Catalogue(_Entry):
    """All programs, in the utility's order of preference."""

    program: tuple[Program, ...]

    @model_validator(mode="after")
    def _unique(self) -> "Catalogue":
        ids = [program.id for program in self.program]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"id '{twice[0]}' appears more than once")
        return self

    @cached_property
    def quantified(self) -> tuple[Program, ...]:
        """Programs with a published effect."""
        return tuple(program for program in self.program if program.effect is not None)

    def best_for(self, label: str, *, own_peak: bool) -> Program | None:
        """The first program of the catalogue that fits a label.

        Args:
            label: of the segment.
            own_peak: whether the segment's own peak falls into the peak hours.
        """
        fitting = [p for p in self.program if label in p.labels and (own_peak or not p.own_peak_only)]
        return fitting[0] if fitting else None


def read_catalogue(path: Path | None = None) -> Catalogue:
    """The catalogue in a TOML file, by default the one that comes with the package.

    Raises:
        DataError: the file can't be read, or a key is unknown, missing or not valid.
    """
    path = Path(__file__).with_name("catalogue.toml") if path is None else path
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(
            f"{path}: the catalogue of programs can't be read ({error}); mend the file."
        ) from error
    try:
        return Catalogue.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        key = _key(first["loc"], tree)
        raise DataError(f"{path}: '{key}' is not valid: {first['msg']}; mend it in the catalogue.") from error


def _key(location: tuple[int | str, ...], tree: dict[str, Any]) -> str:
    """A pydantic location in a user's words: ``program 'critical-peak-price' effect.low``."""
    if len(location) < 2 or not isinstance(location[1], int):
        return ".".join(map(str, location)) or "program"
    entry = tree["program"][location[1]]
    name = entry.get("id") if isinstance(entry, dict) else None
    which = str(name) if name else f"number {location[1] + 1}"
    return " ".join([f"program {which}", ".".join(map(str, location[2:]))]).strip()
