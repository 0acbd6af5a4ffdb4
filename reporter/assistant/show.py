"""A reply as text for the terminal."""

from reporter.assistant.answer import Reply, Table

_ROWS = 12


def shown(reply: Reply, *, explain: bool = False) -> str:
    """Answer, table, reference; under ``explain`` how the question was read and what the answer stands on."""
    lines: list[str] = []
    for answer in reply.answers:
        lines.append(answer.text)
        if answer.table is not None and len(answer.table.rows) > 1:
            lines += ["", *_table(answer.table), ""]
        where = [f"section {answer.section}"] if answer.section else []
        where += [f"figure {answer.figure}"] if answer.figure and answer.query != "figure" else []
        if where:
            lines.append(f"  [{', '.join(where)}]")
    if not reply.answers:
        lines.append(reply.refusal)
    if reply.suggestions:
        lines += ["", "You can ask:", *(f"  {suggestion}" for suggestion in reply.suggestions)]
    if explain:
        lines += ["", "How it was read:", *(f"  {line}" for line in reply.explanation)]
        facts = [fact for answer in reply.answers for fact in answer.facts]
        lines += ["Facts:", *(f"  {fact.path} = {_one_line(fact.value)}" for fact in facts)] if facts else []
    return "".join(f"{_plain(line)}\n" for line in lines)


def _table(table: Table) -> list[str]:
    rows = [table.columns, *table.rows[:_ROWS]]
    widths = [min(max(len(row[column]) for row in rows), 60) for column in range(len(table.columns))]
    lines = [
        "  " + "  ".join(cell[:60].ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    more = len(table.rows) - _ROWS
    return [*lines, f"  … and {more} more"] if more > 0 else lines


def _one_line(value: object) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:97]}…"


def _plain(line: str) -> str:
    """Without what could steer a terminal: titles and ids are data."""
    return "".join(c if c.isprintable() else " " for c in line)
