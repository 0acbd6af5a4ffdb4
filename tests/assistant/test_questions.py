"""What people ask, and what it is taken for.

The questions in ``development`` were used while the parser was made, and the regression in ``guess.json`` is fitted to them, so how many of
them it gets right is no blind measure. ``scripts/fit_questions.py --batches`` scores each batch by what the others teach. What the batches gave
on their first run, before anything was mended for them (right of the answerable, refused of the unanswerable):

- 24 November 2026, 127 questions by somebody who had not seen the parser: 88 of 108 (81 %), 13 of 19 (68 %). Read since, and part of development.
- second round, 159 questions: 99 of 132 (75 %), 22 of 27 (81 %).
- second round, 99 more, after that: 70 of 82 (85 %), 13 of 17 (76 %).
- second round, 96 more, after that: 67 of 80 (84 %), 15 of 16 (94 %).
- second round, 82 more, after that: 50 of 67 (75 %), 9 of 15 (60 %).
- second round, 58 more, after that: 40 of 46 (87 %), 12 of 12.

- a scored half, 120 questions by somebody who had seen the documents only: 77 of 96 (80 %), 23 of 24 (96 %).
- 626 more for training by those who made the parser, deliberately far from its words, with what was learnt from the batches above only: 388 of 511
  (76 %), 99 of 115 (86 %).
- 339 more of that kind, with what was learnt from all above: 226 of 264 (86 %), 66 of 75 (88 %); with general mending after a look at their faults, but
  without learning from them, 234 (89 %) and 72 (96 %).

- ``questions_scored.toml``, 25 November 2026, 120 questions by somebody who had seen the documents only: 90 of 98 (92 %), 22 of 22. It is scored and not
  read. The aim is 90 % and 95 %. Once its faults are read it joins development, and a new one is written.
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


def test_questions_are_understood_and_others_refused(view: View) -> None:
    questions = q.development()
    assert len(questions) >= 300
    found, wrong = score(view, [question for question in questions if question.expect])
    assert found >= 0.95, "\n".join(wrong)
    found, wrong = score(view, [question for question in questions if not question.expect])
    assert found >= 0.95, "\n".join(wrong)


def test_questions_that_nobody_read_are_understood_as_at_first(view: View) -> None:
    questions = q.read(q.SCORED)
    assert len(questions) == 120
    found, _ = score(view, [question for question in questions if question.expect])
    assert found >= 0.9
    found, _ = score(view, [question for question in questions if not question.expect])
    assert found >= 0.95
