"""What people ask, and what it is taken for.

``questions_dev.toml`` was used while the parser was made. ``questions_scored.toml`` was written by somebody else from ``docs/assistant.md``
alone, and run for the first time when the parser was believed done. That first run, on 24 November 2026: 88 of 108 answerable questions
(81 %) were read with the expected query and arguments, and 13 of 19 unanswerable ones (68 %) were refused. The aim was 90 % and 95 %: missed.
No label was changed. Its wrong answers have been read since, so a later score on this file is no blind measure; another file would be needed.
"""

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


@pytest.mark.parametrize(
    ("name", "answered", "refused"),
    # Of the scored half what the first run gave.
    [("questions_dev.toml", 0.9, 0.95), ("questions_scored.toml", 0.81, 0.68)],
)
def test_questions_are_understood_and_others_refused(
    view: View, name: str, answered: float, refused: float
) -> None:
    questions = q.read(name)
    assert len(questions) >= 75
    found, wrong = score(view, [question for question in questions if question.expect])
    assert found >= answered, "\n".join(wrong)
    found, wrong = score(view, [question for question in questions if not question.expect])
    assert found >= refused, "\n".join(wrong)
