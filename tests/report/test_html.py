import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from factories import change, events, participation, run

from reporter.errors import UsageError
from reporter.facts import Facts
from reporter.figures import Drawn, draw_all, numbers
from reporter.findings import Finding
from reporter.report import load_theme, render_html
from reporter.settings import OutputSettings

HOSTILE = "<script>alert(1)</script>{{ 7*7 }}"


def page(
    output: OutputSettings | None = None, medium: Any = "screen", facts: Facts | None = None, **options: Any
) -> str:
    made, drawn = _drawn(customers=options.pop("customers", 300), **options)
    return render_html(facts or made, drawn, output or OutputSettings(), medium=medium)


def _drawn(**options: Any) -> tuple[Facts, dict[str, Drawn]]:
    key = repr(sorted(options.items()))
    if key not in _DRAWN:
        facts, profiles = run(**options)
        _DRAWN[key] = facts, draw_all(facts, profiles)
    return _DRAWN[key]


_DRAWN: dict[str, tuple[Facts, dict[str, Drawn]]] = {}


class _Text(HTMLParser):
    """Visible text and structure."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.tags: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(values["id"] or "")
        if tag == "a" and (values.get("href") or "").startswith("#"):
            self.targets.append((values["href"] or "")[1:])
        if tag in {"style", "svg", "script"}:
            self._skip += 1
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "svg", "script"}:
            self._skip -= 1

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).replace("\u00a0", " ").split())


def read(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("k", [1, 2, 4, 12])
@pytest.mark.parametrize("options", [{}, {"programs": False}, {"enrolment_rate": 0.3}], ids=str)
def test_every_kind_of_run_gives_a_whole_page(k: int, options: dict[str, Any]) -> None:
    html = page(k=k, **options)
    seen = read(html)
    assert len(html) < 3_000_000
    for part in (
        "decision",
        "why",
        "who",
        "trust",
        "method",
        "sources",
        "glossary",
        "segment-1",
        f"segment-{k}",
    ):
        assert part in seen.ids
    assert len(seen.ids) == len(set(seen.ids))
    assert set(seen.targets) <= set(seen.ids), "a link leads nowhere"
    assert seen.headings[0] in {"h1", "h2"} and seen.headings.count("h1") == 1
    for word in ("None", "nan", "Undefined", "{{", "inf "):
        assert word not in seen.text


def test_the_page_asks_the_network_for_nothing() -> None:
    html = page(k=3)
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == html.count("<script") == 1
    assert not re.search(
        r"fetch|XMLHttpRequest|WebSocket|EventSource|import\b|sendBeacon|eval|innerHTML", scripts[0]
    )
    html = html.replace(scripts[0], "")
    addresses = re.findall(r"(?:src|href|url|action|poster|data)\s*[=(]\s*[\"']?([^\"'\s)>]+)", html)
    assert addresses
    assert all(address.startswith(("#", "data:", "font/", "image/")) for address in addresses), addresses[:5]
    assert set(re.findall(r"https?://[^\s\"'<>]+", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert "default-src 'none'" in policy[1].replace("&#39;", "'")
    assert "unsafe" not in policy[1]
    assert " style=" not in html


@pytest.mark.parametrize("name", ["style", "script"])
def test_the_policy_lets_exactly_this_in(name: str) -> None:
    import base64
    import hashlib

    html = page(k=2)
    found = re.findall(rf"<{name}>(.*?)</{name}>", html, re.DOTALL)
    assert len(found) == 1
    digest = base64.b64encode(hashlib.sha256(found[0].encode()).digest()).decode()
    assert f"{name}-src 'sha256-{digest}'" in html.replace("&#39;", "'")


def test_hostile_names_are_text() -> None:
    facts, profiles = run(k=2, customers=120, titles={0: HOSTILE}, id_prefix=HOSTILE)
    facts = facts.model_copy(update={"period": facts.period.model_copy(update={"label": HOSTILE})})
    output = OutputSettings(organisation=HOSTILE)
    for medium in ("screen", "print"):
        html = render_html(facts, draw_all(facts, profiles), output, medium=medium)  # type: ignore[arg-type]
        assert "<script>alert" not in html
        assert "{{ 7*7 }}" in html and "49" not in re.findall(r"alert\(1\)[^<]{0,40}", html)[0]


def test_without_an_enrolment_rate_nothing_reads_as_expected() -> None:
    text = read(page(k=4)).text
    assert "if all of them enrol" in text
    assert (
        "No chance of reaching it is stated: that takes an enrolment history or the share of offers that are accepted"
        in text
    )
    assert not re.search(r"\bexpected\b(?! from)", text.split("Glossary")[0])


def test_with_a_rate_the_condition_names_it() -> None:
    text = read(page(k=4, enrolment_rate=0.3)).text
    assert "if 30 % accept" in text
    assert "The chance of reaching it is 80 %" in text
    assert "if all of them enrol" not in text


def test_past_offers_have_a_page_with_their_marks_and_their_limits() -> None:
    facts, profiles = run(k=4)
    known = change(
        facts,
        participation=participation(),
        enrolment_basis="history-model",
        enrolments=37,
        enrolment_rate=None,
    )
    html = render_html(known, draw_all(known, profiles), OutputSettings(), medium="screen")
    text = read(html).text
    assert "if 37 of them enrol, as past offers suggest" in text
    assert "Of 1,000 past offers 220 were accepted, and who accepts can be foretold" in text
    assert "The area under the ROC curve is 0.74 (0.70 to 0.78; chance is 0.5)" in text
    assert "Not used: gender (declared protected" in text
    assert {"figure-calibration", "figure-enrolment-gains"} <= set(read(html).ids)
    plain = change(known, participation=participation(model=False), enrolment_basis="history-rate")
    text = read(render_html(plain, draw_all(plain, profiles), OutputSettings(), medium="screen")).text
    assert "too few, or too much by chance, to tell who will accept" in text
    assert "Who will say yes" not in read(page(k=4)).text


def test_events_have_a_page_with_their_effect_and_its_limits() -> None:
    facts, profiles = run(k=4)

    def told(**options: Any) -> str:
        known = facts.model_copy(update={"events": events(facts.segments, **options)})
        html = render_html(known, draw_all(known, profiles), OutputSettings(), medium="screen")
        assert "figure-event-day" in read(html).ids
        return read(html).text.replace("\u00a0", " ")

    clear = told()
    assert "In 2 events 40 customers used 0.20 kW less each, 20 % of the load" in clear
    assert "0.20 (0.15 to 0.25)" in clear
    assert "Least biased baseline here: high 4 of 5, adjusted" in clear
    assert "50 % of the calls, at least, were followed" in clear
    assert "realised_programs.toml" in clear
    assert "Your own events brought 0.20 kW each, 20 % of the load (15 % to 25 %), from those called" in clear
    unclear = told(half=0.3)
    assert "Whether 2 events brought load down can’t be told" in unclear
    assert "Your own events brought" not in unclear
    rose = told(reduction=-0.2)
    assert "In 2 events load rose instead of falling" in rose
    assert "realised_programs.toml" not in rose
    few = told(few=True)
    assert "6 customers in 2 events: what they did is measured, what others would do is not" in few
    none = read(page(k=4)).text
    assert "What your events did" not in none
    assert "measured once they are given (--events" in none


def test_a_goal_that_is_missed_is_said() -> None:
    assert "is the goal: not reached" in read(page(k=3, goal_share=0.9)).text


def test_a_provisional_run_recommends_nothing() -> None:
    serious = Finding(name="outside-peak-season", severity="serious", description="The peak hours lie in May")
    text = read(page(k=3, provisional=True, findings=[serious])).text
    assert "is a provisional figure, not a recommendation" in text
    assert "The peak hours lie in May." in text
    assert "A yes or no to the list" not in text


def test_without_programs_the_page_says_why() -> None:
    text = read(page(k=3, programs=False)).text
    assert "there is nothing to offer yet" in text
    assert "No effect is cited" in text
    assert "Why there is no offer" in text


def test_findings_are_all_shown_and_the_weightiest_leads() -> None:
    findings = [
        Finding(name="duplicates", severity="warning", description="5 readings came twice"),
        Finding(name="sample-peak", severity="warning", description="The peak is the sample's"),
        Finding(name="note", severity="info", description="A note"),
    ]
    text = read(page(k=2, findings=findings)).text
    assert all(f"{finding.description}." in text for finding in findings)
    caveat = text[text.index("What to know before acting") :][:120]
    assert "The peak is the sample's." in caveat


def test_one_customer_is_singular_and_homes_only_if_told(tmp_path: Path) -> None:
    facts, profiles = run(k=2, customers=120)
    facts = change(
        facts,
        recommended_offers=1,
        holdout=1,
        programs=[facts.targets.programs[0].model_copy(update={"offers": 1, "enrolments": 1})],
    )
    drawn = draw_all(facts, profiles)
    text = read(render_html(facts, drawn, OutputSettings())).text
    assert "if that customer enrols" in text
    assert "offer to make" in text and "1 offers" not in text and "1 customers" not in text
    assert "1 more is held back" in text
    assert " homes " not in text.split("Glossary")[0].replace("at homes", "")
    (tmp_path / "theme.toml").write_text('customer = "home"\ncustomers = "homes"\n')
    homes = read(render_html(facts, drawn, OutputSettings(theme=tmp_path / "theme.toml"))).text
    assert "120 homes" in homes and "if that home enrols" in homes


def test_every_effect_has_its_range_and_source_and_vendors_are_marked() -> None:
    text = read(page(k=8, customers=600)).text
    assert "Published effect: 6 to 18 % of load" in text
    assert "vendor’s claim" in text
    assert "1. LBNL/DOE, Consumer Behavior Studies" in text


def test_every_figure_has_an_alt_text_and_its_table() -> None:
    html = page(k=3)
    svgs = re.findall(r"<svg [^>]*>", html)
    assert svgs and all('role="img"' in svg and "aria-label=" in svg for svg in svgs)
    assert html.count("<summary>Numbers behind this figure</summary>") >= 10
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        assert 'scope="' in table


def test_a_date_of_making_only_where_the_user_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert "Made on" not in page(k=2)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1791000000")
    assert "Made on 3 October 2026" in read(page(k=2)).text


def test_a_block_can_be_overridden_and_a_section_added(tmp_path: Path) -> None:
    (tmp_path / "sections").mkdir()
    (tmp_path / "report.html.j2").write_text(
        '{% extends "default:report.html.j2" %}{% block cover %}{{ super() }}<p id="mine">Own words</p>{% endblock %}'
    )
    (tmp_path / "sections" / "decision.html.j2").write_text(
        '{% extends "default:sections/decision.html.j2" %}{% block caveat %}<div id="own-caveat"></div>{% endblock %}'
    )
    (tmp_path / "sections" / "extra.html.j2").write_text(
        '<section id="extra"><h2>{{ report.segments | length }} segments</h2></section>'
    )
    (tmp_path / "theme.toml").write_text(
        'sections = ["decision", "extra"]\n[section_titles]\nextra = "Our page"\n'
    )
    seen = read(page(OutputSettings(templates=tmp_path), k=2))
    assert {"mine", "own-caveat", "extra", "decision"} <= set(seen.ids)
    assert "trust" not in seen.ids
    assert "Our page" in seen.text


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ report.nothing }}", "nothing"),
        ("a\n\n{% if %}", "report.html.j2:3"),
        ("{{ report.facts.model_dump() }}", "report.html.j2:1"),
        ("{{ ''.__class__.__mro__ }}", "report.html.j2:1"),
        ("{{ report.figures['cover'].figure }}", "report.html.j2:1"),
        ('{% include "../../etc/passwd" %}', "report.html.j2"),
        (
            '{% include "sections/mine.html.j2" %}',
            "report.html.j2:1: there is no template 'sections/mine.html.j2'",
        ),
        ("{{ report.facts.perod }}", "report.html.j2:1: there is no 'perod' in a Facts"),
    ],
)
def test_a_wrong_template_is_named_with_its_line(tmp_path: Path, template: str, words: str) -> None:
    (tmp_path / "report.html.j2").write_text(template)
    with pytest.raises(UsageError) as caught:
        page(OutputSettings(templates=tmp_path), k=2, customers=60)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("theme", "words"),
    [
        ("colour = 1", "no theme key 'colour'"),
        ('[colours]\naccent = "red"', "not of the form #rrggbb"),
        ('[colours]\nacent = "#ff0000"', "no colour 'acent'"),
        ('logo = "missing.png"', "there is no logo '"),
        ('logo = "https://example.com/logo.png"', "is an address, and a report loads nothing"),
        ('logo = "theme.toml"', "neither SVG, PNG nor JPEG"),
        ("title = 3", "wrong type"),
        ('[phrases]\n"{} of {}" = "{2}"', "stands for nothing"),
        ('[phrases]\n"goal" = 3', "is not text"),
        ('sections = ["../x"]', "small letters"),
        ("title = ", "not a readable theme"),
    ],
)
def test_a_wrong_theme_is_one_sentence(tmp_path: Path, theme: str, words: str) -> None:
    (tmp_path / "theme.toml").write_text(theme)
    with pytest.raises(UsageError, match=re.escape(words)):
        page(OutputSettings(theme=tmp_path / "theme.toml"), k=2, customers=60)


def test_a_theme_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such theme file"):
        page(OutputSettings(theme=tmp_path / "theme.toml"), k=2, customers=60)


def test_the_glossary_has_the_words_of_the_house() -> None:
    text = read(page(k=2)).text.lower()
    for word in (
        "interval reading", "load profile", "load shape", "segment", "coincident peak", "load factor", "baseload",
        "load above baseload", "enrolment", "offer", "event", "baseline", "migration", "targeting",
    ):  # fmt: skip
        assert word in text.split("words as this report uses them")[1]


def test_a_locale_reaches_text_tables_figures_and_what_the_run_says() -> None:
    facts, profiles = run(customers=300)
    output = OutputSettings(locale="de")
    theme = load_theme(output)
    drawn = draw_all(facts, profiles, theme.palette, theme.people)
    html = render_html(facts, drawn, output, theme=theme)
    text = re.sub(r"<(style|script|svg).*?</\1>", " ", html, flags=re.S)
    versions = set(facts.method.versions.values())
    shown = re.sub(
        "|".join(re.escape(version) for version in sorted(versions, key=len, reverse=True)), "", text
    )
    shown = re.sub(r"<[^>]*>", " ", shown)
    assert re.findall(r"(?<![\w.,])\d+\.\d{1,2}(?![\w.])", shown) == []
    assert re.search(r"\d,\d\d\xa0kW", shown)
    assert str(numbers.day_range(facts.period.start, facts.period.end)) not in shown
    english = draw_all(facts, profiles)
    assert drawn["elbow"].alt != english["elbow"].alt or drawn["peak-day"].alt != english["peak-day"].alt


def test_phrases_of_the_theme_stand_in_findings_figures_and_their_texts(tmp_path: Path) -> None:
    theme = tmp_path / "theme.toml"
    theme.write_text(
        '[phrases]\n"usual peak hours" = "Spitzenstunden"\n"{} customers have no {}" = "{1} fehlt {0} Kunden"\n"Chosen: {}" = "Gewählt: {}"\n',
        encoding="utf-8",
    )
    facts, profiles = run(customers=300)
    finding = Finding(
        name="sample-peak", severity="warning", description="12 customers have no area.", data={}
    )
    facts = facts.model_copy(update={"quality": facts.quality.model_copy(update={"findings": [finding]})})
    output = OutputSettings(theme=theme)
    loaded = load_theme(output)
    drawn = draw_all(facts, profiles, loaded.palette, loaded.people)
    html = render_html(facts, drawn, output, theme=loaded)
    assert "Area fehlt 12 Kunden." in read(html).text
    assert f"Gewählt: {facts.selection.k}." in drawn["elbow"].alt
    plain = draw_all(facts, profiles)
    assert drawn["peak-day"].svg != plain["peak-day"].svg


def test_the_word_for_customers_reaches_findings_and_reasons(tmp_path: Path) -> None:
    theme = tmp_path / "theme.toml"
    theme.write_text('customer = "home"\ncustomers = "homes"\n', encoding="utf-8")
    facts, _ = run(customers=300)
    said = "12 customers of customers.csv have no value in customer_id"
    finding = Finding(name="sample-peak", severity="warning", description=said, data={})
    facts = facts.model_copy(update={"quality": facts.quality.model_copy(update={"findings": [finding]})})
    html = page(OutputSettings(theme=theme), facts=facts)
    assert "12 homes of customers.csv have no value in customer_id." in html
