"""Answers to what would be otherwise."""

from typing import Any

from reporter.assistant.answer import Answer, Teller
from reporter.assistant.view import View


def what_if(view: View, asked: Any) -> Answer:
    """The list, recomputed."""
    return Teller(view).answer("This run can't be recomputed.", answered=False)
