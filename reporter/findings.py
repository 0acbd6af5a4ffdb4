"""A finding: something about the data or the result that a reader must know, as an object."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["info", "warning", "serious"]


class Finding(BaseModel):
    """One thing worth knowing, with a stable name that programs may test for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="stable name, kebab-case")
    severity: Severity = Field(
        description="info: good to know; warning: read before acting; serious: do not act on it alone"
    )
    description: str = Field(description="a plain sentence, with its numbers")
    data: dict[str, Any] = Field(default_factory=dict, description="the numbers behind the sentence")
