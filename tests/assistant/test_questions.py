"""What people ask, and what it is taken for."""

import pytest

from reporter.assistant.view import View, open_run
from reporter.resources import sample_run

from . import questions as q


@pytest.fixture(scope="module")
def view() -> View:
    return open_run(sample_run())


def score(view: View, questions: list[q.Question]) -> tuple[float, list[str]]:
    wrong = [
        f"{question.ask} → {[(answer.query, answer.arguments) for answer in found.answers]}"
        for question in questions
        if not q.right(question, found := q.reply(view, question))
    ]
    return 1 - len(wrong) / len(questions), wrong


@pytest.mark.parametrize("name", ["questions_dev.toml", "questions_scored.toml"])
def test_questions_are_understood_and_others_refused(view: View, name: str) -> None:
    if not (q.HERE / name).is_file():
        pytest.skip(f"{name} is not written yet")
    questions = q.read(name)
    assert len(questions) >= 75
    answerable, wrong = score(view, [question for question in questions if question.expect])
    assert answerable >= 0.9, "\n".join(wrong)
    refused, wrong = score(view, [question for question in questions if not question.expect])
    assert refused >= 0.95, "\n".join(wrong)
