"""Questions that a program manager asks, with their answers: worked out from the other facts, once."""

from pydantic import Field

from reporter.facts.base import Fact


class StandingAnswer(Fact):
    """A question and its answer."""

    question: str = Field(description="in words")
    answer: str = Field(description="in plain sentences")
    query: str = Field(description="name of the query, as in docs/assistant.md")
    arguments: dict[str, str | float | int | None] = Field(description="arguments of the query")
    facts: list[str] = Field(description="paths of the facts that the answer stands on")
    section: str | None = Field(description="section of the report with more")


class Narrative(Fact):
    """The run in a paragraph, to be put into a memo."""

    text: str = Field(description="plain sentences")
    facts: list[str] = Field(description="paths of the facts that it stands on")
