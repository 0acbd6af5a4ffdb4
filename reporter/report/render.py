"""A page's context → HTML through templates: a sandbox that reaches no file outside its folders and no network."""

import base64
import difflib
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from reporter import resources
from reporter.errors import UsageError
from reporter.facts import Facts
from reporter.figures import People, numbers, style
from reporter.figures.registry import CUSTOMERS, Drawn
from reporter.report.build import build_context
from reporter.report.context import FigureView, Medium, PageContext, ReportContext
from reporter.report.fonts import font_css, print_font_css
from reporter.report.theme import Theme, load_theme
from reporter.settings import OutputSettings

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_SIZES = {
    "body_pt": style.BODY_PT,
    "caption_pt": style.CAPTION_PT,
    "full_mm": style.WIDTH_PT["full"] / style.MM,
    "half_mm": style.WIDTH_PT["half"] / style.MM,
    "font": style.FONT,
}
_WIDOW = 8
_UNIT = re.compile(r"(?<=\d) (?=(?:kWh|kW|MW|h|%)\b|%)")
_NO_ATTRIBUTE = re.compile(r"'(?:[\w.]+\.)?(?P<kind>\w+) object' has no attribute '(?P<name>\w+)'")
_UNDEFINED = re.compile(r"'(?P<name>\w+)' is undefined")
_NO_FILTER = re.compile(r"No (?P<kind>filter|test) named '(?P<name>\w+)'")
EXTENDS_ITSELF = (
    'this file extends or includes itself; write "default:" before the name to take the shipped one.'
)
"""A sentence about a template."""
IMPORTS = {
    "parts": '{% import "partials/parts.html.j2" as parts %}',
    "words": '{% import "wording.html.j2" as words %}',
    "advice": '{% import "partials/advice.html.j2" as advice %}',
    "exhibit": '{% from "partials/exhibit.html.j2" import exhibit %}',
}
"""Names that the shipped templates give to macros → the line that a file needs for them."""
_POLICY = "default-src 'none'; style-src '{css}'; script-src '{script}'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"


def render_html(
    facts: Facts,
    figures: dict[str, Drawn],
    output: OutputSettings,
    *,
    medium: Medium = "screen",
    theme: Theme | None = None,
    targets: "pd.DataFrame | None" = None,
) -> str:
    """The report as one page with everything in it.

    Args:
        facts: of the run.
        figures: of the same run, from ``figures.draw_all``.
        output: templates, theme, paper.
        medium: ``screen`` for the HTML file, ``print`` for the page that becomes the PDF.
        theme: where it is loaded already.
        targets: the columns of ``targets.csv``, for the list on screen; none, no list.

    Raises:
        UsageError: a template or the theme is wrong; file and line are named.
    """
    context = _context(facts, figures, output, medium, theme or load_theme(output), targets)
    return render_page("report.html.j2", context, output.templates)


def render_summary(facts: Facts, figures: dict[str, Drawn], output: OutputSettings, theme: Theme) -> str:
    """The decision alone, on a page that becomes ``summary.pdf``.

    Raises:
        UsageError: a template or the theme is wrong; file and line are named.
    """
    # No section stands beside the decision, so nothing links to one.
    context = replace(_context(facts, figures, output, "print", theme), sections=[])
    return render_page("summary.html.j2", context, output.templates)


def _context(
    facts: Facts,
    figures: dict[str, Drawn],
    output: OutputSettings,
    medium: Medium,
    theme: Theme,
    targets: "pd.DataFrame | None" = None,
) -> ReportContext:
    made = os.environ.get("SOURCE_DATE_EPOCH", "")
    epoch = int(made) if made.isdecimal() else None
    return build_context(facts, figures, theme, medium, output.paper, epoch, targets)


def check_templates(output: OutputSettings) -> None:
    """Refuse a theme or a template that can't be read before any work is done.

    Raises:
        UsageError: which file and line, and why.
    """
    import jinja2

    environment = make_environment(output.templates, load_theme(output).people)
    for name in environment.list_templates(filter_func=lambda name: ":" not in name and name.endswith(".j2")):
        try:
            environment.get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise _unreadable(error) from error


def syntax_said(error: "TemplateSyntaxError") -> str:
    """What is wrong with a template that can't be read, as a sentence with advice."""
    message = " ".join((error.message or "it can't be read").split()).rstrip(".")
    missing = _NO_FILTER.fullmatch(message)
    if missing:
        near = difflib.get_close_matches(missing["name"], _FILTERS, 1)
        hint = f"did you mean '{near[0]}'?" if near else "`docs/templates.md` lists those of reports."
        return f"there is no {missing['kind']} '{missing['name']}'; {hint}"
    return f"{message}; mend that line."


def _unreadable(error: "TemplateSyntaxError") -> UsageError:
    return UsageError(f"{error.filename or error.name}:{error.lineno}: {syntax_said(error)}")


def render_page(template: str, report: PageContext, templates: Path | None) -> str:
    """A template with the stylesheet, the fonts and the security policy that fits them."""
    with numbers.speaking(report.theme.speech):
        return _page(template, report, templates)


def _page(template: str, report: PageContext, templates: Path | None) -> str:
    import jinja2

    environment = make_environment(templates, report.theme.people)
    try:
        css = environment.get_template("style.css.j2").render(report=report, sizes=_SIZES)
        script = environment.get_template("script.js.j2").render(report=report)
        body = environment.get_template(template).render(
            report=report, css="@@css@@", script="@@script@@", policy="@@policy@@"
        )
    except jinja2.TemplateSyntaxError as error:
        raise _unreadable(error) from error
    except RecursionError as error:
        raise UsageError(f"{_place(error)}: {EXTENDS_ITSELF}") from error
    # A user's template can go wrong in any way; whichever it is, the template is what has to be mended.
    except Exception as error:
        raise UsageError(f"{_place(error)}: {_wrong(error)}; mend the template.") from error
    # The characters of the page decide which the font must hold, and the whole stylesheet its hash.
    fonts = print_font_css() if report.medium == "print" else font_css(body)
    css = f"{fonts}\n{css}"
    policy = _POLICY.format(css=_digest(css), script=_digest(script))
    for name, content in (("policy", policy), ("css", css), ("script", script)):
        body = body.replace(f"@@{name}@@", content, 1)
    return body


def _digest(text: str) -> str:
    """A hash as a security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}"


def make_environment(templates: Path | None, people: People = CUSTOMERS) -> "ImmutableSandboxedEnvironment":
    """Jinja set up for the report: the user's folder first, ``default:`` for the shipped one.

    Args:
        templates: a folder of the user's own.
        people: what those counted are called.

    Raises:
        UsageError: there is no such folder.
    """
    if templates is not None and not templates.is_dir():
        raise UsageError(f"{templates}: no such folder of templates; check the path given with --templates.")
    return _environment(templates, people)


# Kept, so that the check before the work, the page on screen and the one for print compile each template once;
# the loaders see where a file has changed. Macros keep the filters they were made with: one environment a theme.
@lru_cache(maxsize=4)
def _environment(templates: Path | None, people: People) -> "ImmutableSandboxedEnvironment":
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined

    from reporter.report.sandbox import Sandbox

    shipped = FileSystemLoader(resources.templates_folder())
    own = [] if templates is None else [FileSystemLoader(templates)]
    environment = Sandbox(
        loader=ChoiceLoader([*own, shipped, PrefixLoader({"default": shipped}, delimiter=":")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters.update(_FILTERS)
    environment.filters["said"] = partial(_said, people=people)
    environment.filters["sentence"] = partial(_sentence, people=people)
    environment.globals["data_cell"] = _data_cell
    return environment


def figure_markup(figure: FigureView, medium: Medium) -> Markup:
    """The figure's SVG with its alt text; on screen with a narrow twin for phones."""
    if medium == "print":
        # As an image, the engine reads the figure with its fast parser and tags it with its alt text.
        data = base64.b64encode(figure.svg.encode("utf-8")).decode()
        source = f"data:image/svg+xml;base64,{data}"
        return Markup('<img class="plot" alt="{}" src="{}">').format(figure.alt, source)
    alt = f'role="img" aria-label="{escape(figure.alt)}"'
    if figure.svg_narrow is None:
        return Markup(_open(figure.svg, "plot", alt + _day_axis(figure.day)))
    return Markup(
        _open(figure.svg, "plot wide", alt + _day_axis(figure.day))
        + _open(figure.svg_narrow, "plot narrow", alt + _day_axis(figure.day_narrow))
    )


def _day_axis(span: tuple[float, float] | None) -> str:
    """Where the script finds the hours of the day."""
    return "" if span is None else f' data-day="{span[0]:.5f} {span[1]:.5f}"'


def _open(svg: str, classes: str, attributes: str = "") -> str:
    return svg.replace("<svg ", f'<svg class="{classes}" {attributes} ', 1)


def _data_cell(value: str | float | None) -> str:
    if value is None:
        return numbers.MISSING
    return value if isinstance(value, str) else numbers.significant(value)


def _place(error: BaseException) -> str:
    """File and line of the template in which an error came up."""
    place = "template"
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _wrong(error: Exception) -> str:
    """What went wrong, in the words of someone who writes templates."""
    import jinja2

    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template '{error.name}'"
    unknown = _UNDEFINED.fullmatch(str(error))
    if unknown:
        name = unknown["name"]
        advice = (
            f"begin the file with {IMPORTS[name]}"
            if name in IMPORTS
            else "docs/templates.md lists what there is"
        )
        return f"there is nothing called '{name}' ({advice})"
    missing = _NO_ATTRIBUTE.fullmatch(str(error))
    if missing:
        return (
            f"there is no '{missing['name']}' in a {missing['kind']} (docs/templates.md lists what there is)"
        )
    return " ".join(str(error).split()).rstrip(".")


def _lower_first(text: str) -> str:
    """A title inside a sentence: ``Time-of-use rate`` → ``time-of-use rate``; ``EV charging`` stays."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _day(value: date | str) -> str:
    """A date as people write it: `1 July 2026`."""
    return numbers.day(date.fromisoformat(value) if isinstance(value, str) else value)


def _joined(text: str) -> str:
    """A heading without a short last word on a line of its own."""
    text = " ".join(text.split(" ")).strip()
    head, _, last = text.rpartition(" ")
    return f"{head}{numbers.NBSP}{last}" if head and len(last) <= _WIDOW else text


def _whole_words(text: str) -> Markup:
    """A title that does not break at hyphens; the typeface has no hyphen that says so itself."""
    return Markup(" ").join(
        Markup('<span class="whole">{}</span>').format(word) if "-" in word else word
        for word in text.split(" ")
    )


def _said(text: str, people: People = CUSTOMERS) -> str:
    """What the run says, in the words and numbers of the theme."""
    return _UNIT.sub(numbers.NBSP, numbers.respoken(people.said(text)))


def _sentence(text: str, people: People = CUSTOMERS) -> str:
    """The same as a sentence of its own: a capital first, a full stop last."""
    text = _said(text, people).strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".")


_FILTERS: dict[str, Callable[..., Any]] = {
    "count": numbers.count,
    "plural": numbers.plural,
    "percent": numbers.percent,
    "kw": numbers.kw,
    "kwh": numbers.kwh,
    "power": numbers.power,
    "significant": numbers.significant,
    "fixed": numbers.fixed,
    "day": _day,
    "listed": numbers.listed,
    "hours": numbers.hours_listed,
    "lower_first": _lower_first,
    "said": _said,
    "sentence": _sentence,
    "joined": _joined,
    "whole_words": _whole_words,
    "figure": figure_markup,
    "power_range": numbers.power_range,
    "percent_range": numbers.percent_range,
    "money": numbers.money,
    "day_range": numbers.day_range,
    "hour_range": numbers.hour_range,
}
