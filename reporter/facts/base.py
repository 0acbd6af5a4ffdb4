"""What every typed result has in common."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Profile = Annotated[list[float], Field(min_length=24, max_length=24)]


class Fact(BaseModel):
    """A part of a result: immutable, and nothing else in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Period(Fact):
    """The time that the readings span, in the report's zone."""

    label: str = Field(description="such as 2026Q3")
    start: date = Field(description="first local day with readings")
    end: date = Field(description="last local day with readings, inclusive")
    timezone: str = Field(description="zone that the report speaks")
    source_timezone: str = Field(description="clock of the stamps")
    days: int = Field(description="local days with readings")
