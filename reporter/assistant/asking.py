"""A question → a reply: parsed, answered, explained; with what was asked before, for questions that lean on it."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from reporter.assistant.answer import Answer, Reply
from reporter.assistant.answering import answer, example
from reporter.assistant.parse import UNDERSTOOD, UNDERSTOOD_STRANGE, Match, Parser, Way
from reporter.assistant.queries import queries
from reporter.assistant.reading import Named, Read, lexicon
from reporter.assistant.view import View
from reporter.assistant.wording import canonical, stems
from reporter.errors import UsageError

_PARTS = re.compile(
    r"[?.!;]\s+(?:and\s+|also\s+|then\s+|plus\s+)*|,?\s+(?:and|then|plus)\s+(?:also\s+|then\s+)?|,\s+(?:plus|then|also)\s+|\s+[&+]\s+",
    re.IGNORECASE,
)
"""Where a question may have two parts."""
_SENTENCES = re.compile(r"(?<=[?.!;:])\s+(?=\w)")
_FULL = re.compile(
    r"^\s*(?:also\s+|then\s+)?(?:what|when|which|who|whom|whose|why|where|how|is|are|was|were|do|does|did|can|could|will|would|should|has|have|show|list|tell|give|compare|explain|define|describe|name|plot|draw|rank|number of)\b",
    re.IGNORECASE,
)
"""How a part begins that could stand alone."""
_LINKED = re.compile(
    r"^\s*(?:on|to|for|with|in|at|of|by|from|how (?:big|large|many) (?:each|every)|(?:if so|why not)\b)\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(r"^\s*(?:if|with|suppose|assume|assuming|given|say)\b", re.IGNORECASE)
"""What makes both sides of an “and” one question: the right part belongs to the left, or the left is a condition."""
_LEANS = re.compile(
    r"^\s*(?:and|what about|how about|what of|same|the same|ditto|also|but|or|now|then|ok|okay|plus)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    ("segment", "customer", "one", "segmentone", "same", "thing", "question", "offer", "load", "again")
)
"""Words that say nothing of their own in a question that leans on the last one."""
_APART, _NEARLY = 0.6, 0.2
"""Score that each of two parts needs to be a question of its own, and how much less than the whole it may be."""
_LEAST_WORDS = 2
_SUGGESTED = 3
_FALLBACK = ("summary", "rank_segments", "segment_program", "peak_hours", "data_quality")
_WHY = {
    "segment": "why_label", "why_label": "why_label", "customer": "why_target", "target_list": "how_chosen", "programs": "how_chosen", "goal": "uncertainty",
    "segments": "why_k", "why_target": "why_target", "rank_segments": "rank_segments", "segment_program": "segment_program", "data_quality": "left_out", "summary": "how_chosen",
}  # fmt: skip
_WHY_COUNTED = {
    "customers_left_out": "left_out",
    "customers_used": "left_out",
    "segments": "why_k",
    "why_target": "why_target",
    "rank_segments": "rank_segments",
    "offers": "how_chosen",
    "eligible": "why_not_targets",
    "enrolments": "enrolment",
}
_SLOT_OF = {
    **{kind: kind for kind in ("segment", "metric", "device", "program", "strategy", "check", "term", "figure")},
    "customer": "customer_id", "kw": "goal_kw", "percent": "participation", "money": "budget", "people": "customers_max", "reason": "reason", "number": "count",
}  # fmt: skip
"""Kind of what is named → the argument that it changes in a question that leans on the last one; the first that fits."""
_PRONOUNS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|that segment|this segment|that group|those customers|that one)\b",
    re.IGNORECASE,
)

_HIM = re.compile(
    r"\b(?:it|its|he|she|they|him|her|them|his|their|this one|that one|(?:this|that|the) (?:customer|home|house|household|account|meter|person))\b",
    re.IGNORECASE,
)
"""What may stand for the customer who was spoken of."""


@dataclass(frozen=True)
class Context:
    """What was asked last."""

    query: str
    arguments: dict[str, Any]
    order: tuple[str, ...] = ()
    """Segments of the last answer, in its order."""


@dataclass
class Assistant:
    """Answers questions about one run, one after another."""

    view: View
    allow_customers: bool = True
    context: Context | None = None
    parser: Parser = field(init=False)

    def __post_init__(self) -> None:
        self.parser = Parser(self.view)

    def ask(self, question: str) -> Reply:
        """The reply to a question; what it asked is remembered for the next one."""
        parts = self._parts(question)
        if not parts:
            return self._refusal(question)
        answers = []
        for _, match in parts:
            found = self._answer(match)
            answers.append(found)
            self.context = Context(match.way.query, match.arguments, _order(self.view, found))
        lines = [line for part in parts for line in _explained(*part)]
        unanswered = not all(found.answered for found in answers)
        suggestions = self._suggestions(self.parser.reader.read(question)) if unanswered else ()
        return Reply(question, tuple(answers), suggestions, explanation=tuple(lines))

    def _answer(self, match: Match) -> Answer:
        if queries()[match.way.query].of_customers and not self.allow_customers:
            text = "Nothing is said of single customers here."
            return Answer(match.way.query, match.arguments, False, text)
        try:
            return answer(self.view, match.way.query, match.arguments)
        except UsageError as error:
            # What was asked for can't be, such as more than everybody.
            return Answer(match.way.query, match.arguments, False, str(error))

    def _parts(self, question: str) -> list[tuple[Read, Match]]:
        """The question as one part or two, without what is said around it where it is not understood with that."""
        found = self._split(question)
        if found and found[0][1].score >= _APART:
            return found
        sentences = [part for part in _SENTENCES.split(question) if part.strip()]
        asked = [part for part in sentences if part.rstrip().endswith("?") or _FULL.match(part)]
        if len(sentences) > 1 and len(asked) == 1:
            alone = self._split(asked[0])
            if alone and (not found or alone[0][1].score > found[0][1].score):
                return alone
        return found

    def _split(self, question: str) -> list[tuple[Read, Match]]:
        whole = self._best(question, self.context)
        best = [whole] if whole is not None else []
        level = whole[1].score if whole is not None else UNDERSTOOD
        for place in _PARTS.finditer(question):
            left, right = question[: place.start()], question[place.end() :]
            first = self._best(left, self.context)
            if first is None or not right.strip(" ?.!"):
                continue
            ends = place.group().strip()[:1] in "?.!;"
            if not ends and (_LINKED.match(right) or _SUPPOSES.match(left)):
                continue
            if not ends and not _FULL.match(right) and len(right.split()) < _LEAST_WORDS:
                continue  # “caveats and limitations” is one thing.
            if whole is not None and place.group().startswith((".", ";")) and not _FULL.match(left):
                continue  # “The customer is a night owl. Which program?”
            second = self._best(right, Context(first[1].way.query, first[1].arguments))
            if second is not None and len(right.split()) == 1 and second[1].way.text != "why":
                continue
            if second is None or (second[1].way.query, second[1].arguments) == (
                first[1].way.query,
                first[1].arguments,
            ):
                continue
            if first[1].way.query == second[1].way.query == "what_if":
                continue  # “a goal of 2 MW and 20 %” is one change, not two.
            weakest = min(first[1].score, second[1].score)
            # Two whole questions are two, also where they read as one nearly as well.
            if weakest > level or (
                len(best) == 1
                and weakest >= _APART
                and weakest > level - _NEARLY
                and _FULL.match(right)
                and _FULL.match(left)
            ):
                best, level = [first, second], weakest
        return best

    def _best(self, question: str, context: Context | None) -> tuple[Read, Match] | None:
        read = self.parser.reader.read(question)
        if read.beyond is not None:
            return None
        if context is not None and (leaning := self._follow_up(question, read, context)) is not None:
            return read, leaning
        matches = self.parser.matches(read)
        if (
            context is not None
            and _PRONOUNS.search(question)
            and not read.named("segment")
            and "segment" in context.arguments
        ):
            segment = str(context.arguments["segment"])
            named = Read((*read.items, Named(segment, (("segment", segment),))), read.mended, read.strange)
            matches = self.parser.matches(replace(named, plain=(*read.plain, "{segment}")))
        if (
            context is not None
            and "customer_id" in context.arguments
            and _HIM.search(question)
            and not read.named("customer")
        ):
            customer = str(context.arguments["customer_id"])
            items = tuple(item for item in read.items if item not in ("this", "that", "customer", "one"))
            named = Read((*items, Named(customer, (("customer", customer),))), read.mended, read.strange)
            matches = self.parser.matches(replace(named, plain=(*read.plain, "{customer}")))
        least = UNDERSTOOD_STRANGE if read.strange or read.mended else UNDERSTOOD
        if not matches or matches[0].score < least:
            return None
        best = matches[0]
        metric = None if context is None else _metric_of(context)
        if (
            best.way.query == "rank_segments"
            and metric
            and _OPEN_RANK.search(question)
            and not read.named("metric")
        ):
            best = replace(best, arguments={**best.arguments, "metric": metric})
        return read, best

    def _follow_up(self, question: str, read: Read, context: Context) -> Match | None:
        """A question that only changes an argument of the last one, or asks why."""
        if leans := _LEANS.match(question):
            read = self.parser.reader.read(question[leans.end() :])
        order = next((word for word in read.words() if word in ("most", "least")), None)
        words = [word for word in read.words() if word not in _EMPTY and word != order]
        named = [item for item in read.items if isinstance(item, Named)]
        if (
            order
            and not words
            and _LEANS.search(question)
            and "order" in queries()[context.query].arguments.model_fields
        ):
            changed = {
                **context.arguments,
                "order": "lowest" if order == "least" else "highest",
                "count": None,
            }
            for metric in read.named("metric")[:1]:
                changed["metric"] = metric
            return Match(Way(context.query, (), "the last question", ()), 1.0, (order,), changed)
        if order and not any(item.value("metric") for item in named):
            words.append(order)
        if words == ["why"] and not named:
            name = _WHY_COUNTED.get(str(context.arguments.get("what"))) or _WHY.get(context.query)
            if name is None:
                return None
            fields = queries()[name].arguments.model_fields
            arguments = {key: value for key, value in context.arguments.items() if key in fields}
            return Match(Way(name, (), "why", ("why",)), 1.0, ("why",), arguments)
        if words or not named or not (_LEANS.search(question) or len(named) == len(read.items)):
            return None
        if not _LEANS.search(question) and not all(item.value("ordinal") is not None for item in named):
            return None
        changed, name = dict(context.arguments), context.query
        if name in ("rank_segments", "segments") and any(
            item.value("segment") or item.value("ordinal") is not None for item in named
        ):
            # After a ranking, a segment is asked for by the same figure.
            name, changed = "segment", {key: value for key, value in changed.items() if key == "metric"}
        fields = queries()[name].arguments.model_fields
        for item in named:
            slot, value = self._slot(item, fields, context)
            if slot is None:
                return None
            changed[slot] = value
        way = Way(name, (), "the last question", ())
        return Match(way, 1.0, tuple(item.surface for item in named), changed)

    def _slot(self, item: Named, fields: dict[str, Any], context: Context) -> tuple[str | None, Any]:
        """Which argument something named fills."""
        place = item.value("ordinal")
        if place is not None:
            among = context.order or tuple(str(row["segment_id"]) for row in self.view.segments)
            return (
                ("segment", among[place])
                if "segment" in fields and -len(among) <= place < len(among)
                else (None, None)
            )
        changed = [name for name, value in context.arguments.items() if isinstance(value, int | float)]
        if item.value("number") is not None and context.query == "what_if" and len(changed) == 1:
            value = float(item.value("number"))
            if changed[0] == "participation":
                value = value / 100 if value > 1 else value
            return changed[0], int(value) if changed[0] == "customers_max" else value
        for kind, slot in _SLOT_OF.items():
            if item.value(kind) is not None and slot in fields:
                value = item.value(kind)
                return slot, int(value) if slot in ("customers_max", "count") else value
        return None, None

    def _suggestions(self, read: Read) -> tuple[str, ...]:
        """Questions that can be answered, nearest first."""
        near = [match.way.query for match in self.parser.matches(read)]
        # Queries of single customers need an id, which a suggestion must not make up.
        shown = [name for name in dict.fromkeys((*near, *_FALLBACK)) if not queries()[name].of_customers]
        return tuple(example(self.view, name) for name in shown[:_SUGGESTED])

    def _refusal(self, question: str) -> Reply:
        read = self.parser.reader.read(question)
        if read.beyond is not None:
            why = f"A run holds nothing about {read.beyond}, so I can't answer that."
        elif read.strange:
            why = f"I don't know what “{read.strange[0]}” means here, so I can't answer that."
        else:
            why = "I don't know how to answer that."
        lines = _words(read)
        near = self.parser.matches(read)[:3]
        lines += [f"nearest: {match.way.query} ({match.score:.2f}, “{match.way.text}”)" for match in near]
        return Reply(question, (), self._suggestions(read), why, tuple(lines))


_OPEN_RANK = re.compile(r"\b(?:highest|lowest|most|least|best|worst|top|bottom)\W*$", re.IGNORECASE)
"""“Which has the highest?”: of what was spoken of before."""


def _metric_of(context: Context) -> str | None:
    """The figure of a segment that was asked for or explained last."""
    metric = context.arguments.get("metric")
    if metric and metric != "overview":
        return str(metric)
    kinds = dict(lexicon().names().get(tuple(canonical(stems(str(context.arguments.get("term", ""))))), ()))
    return kinds.get("metric")


def _order(view: View, found: Answer) -> tuple[str, ...]:
    if found.table is None or found.table.columns[0] != "segment":
        return ()
    titles = {str(row["title"]): str(row["segment_id"]) for row in view.segments}
    return tuple(titles[row[0]] for row in found.table.rows if row[0] in titles)


def _words(read: Read) -> list[str]:
    lines = [f"read “{wrong}” as “{right}”" for wrong, right in read.mended]
    for item in [item for item in read.items if isinstance(item, Named)]:
        lines += [f"“{item.surface}” names " + " or ".join(f"{kind} {value}" for kind, value in item.kinds)]
    if read.strange:
        lines.append("unknown: " + ", ".join(read.strange))
    return lines


def _explained(read: Read, match: Match) -> list[str]:
    """How a part was read."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in match.arguments.items())
    lines = _words(read)
    lines += [
        f"most like “{match.way.text}” (likeness {match.likeness:.2f}); shared: {', '.join(match.shared) or 'nothing'}",
        f"chance of this query, as learnt from questions: {match.chance:.2f}; score {match.score:.2f}",
    ]
    lines.append(f"query: {match.way.query}({arguments})")
    return lines
