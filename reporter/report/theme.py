"""What a utility makes its own without touching a template: name, words, colours, logo, order of sections."""

import base64
import difflib
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from reporter import resources
from reporter.errors import UsageError
from reporter.figures import Palette, People
from reporter.figures.numbers import Speech
from reporter.figures.phrases import Phrases, holes
from reporter.settings import OutputSettings

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_LOGO_MAX_BYTES = 500_000
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SECTION = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Theme:
    """The resolved theme."""

    organisation: str
    title: str
    customer: str
    """One of those counted, in the words of pages and figures."""
    customers: str
    """Several of them."""
    disclaimer: str
    logo: str | None
    """Data URI."""
    sections: tuple[str, ...]
    section_titles: dict[str, str]
    palette: Palette
    language: str
    """Of the words of the templates, as in BCP 47."""
    speech: Speech
    """How numbers and dates are written."""
    phrases: Phrases
    """Sentences that the run or a figure writes, and what stands in their place."""

    @property
    def people(self) -> People:
        """What figures call those counted."""
        return People(self.customer, self.customers, self.speech, self.phrases)


def load_theme(output: OutputSettings) -> Theme:
    """The theme of the settings: its file, else ``theme.toml`` of the user's templates, else the default.

    Keys that a file leaves out keep their default.

    Raises:
        UsageError: the file can't be read, or a key is unknown or not valid.
    """
    default = resources.templates_folder() / "theme.toml"
    tree = _read(default)
    own = output.theme
    if own is None and output.templates is not None and (output.templates / "theme.toml").is_file():
        own = output.templates / "theme.toml"
    if own is not None:
        for key, value in _read(own).items():
            if key not in tree:
                raise UsageError(f"{own}: there is no theme key '{key}'; the keys are {', '.join(tree)}.")
            if not isinstance(value, type(tree[key])):
                raise UsageError(f"{own}: '{key}' has the wrong type; it is {tree[key]!r} by default.")
            tree[key] = {**tree[key], **value} if isinstance(value, dict) else value
    path = own or default
    return Theme(
        organisation=output.organisation if output.organisation is not None else tree["organisation"],
        title=tree["title"],
        customer=tree["customer"],
        customers=tree["customers"],
        disclaimer=tree["disclaimer"],
        logo=_logo(path, tree["logo"]) if tree["logo"] else None,
        sections=tuple(_section(path, name, output.templates) for name in tree["sections"]),
        section_titles=dict(tree["section_titles"]),
        palette=_palette(path, tree["colours"]),
        language=_language(path, tree["language"]),
        speech=_speech(path, tree["words"], output.locale),
        phrases=_phrases(path, tree["phrases"]),
    )


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UsageError(f"{path}: no such theme file; check the path given with --theme.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: not a readable theme ({error}); mend that line.") from error


def _section(path: Path, name: object, templates: Path | None) -> str:
    if not isinstance(name, str) or not _SECTION.fullmatch(name):
        raise UsageError(
            f"{path}: section {name!r} is not a name in small letters, digits and hyphens; mend 'sections'."
        )
    folders = [folder for folder in (templates, resources.templates_folder()) if folder is not None]
    if not any((folder / "sections" / f"{name}.html.j2").is_file() for folder in folders):
        known = [file.name.removesuffix(".html.j2") for file in (folders[-1] / "sections").glob("*.html.j2")]
        near = difflib.get_close_matches(name, known, 1)
        own = templates or "your folder of templates"
        hint = f"did you mean '{near[0]}'?" if near else f"write it in {own}, or take the name out."
        raise UsageError(
            f"{path}: 'sections' names '{name}', and there is no file sections/{name}.html.j2; {hint}"
        )
    return name


def _language(path: Path, name: str) -> str:
    if not _LANGUAGE.fullmatch(name):
        raise UsageError(f"{path}: language '{name}' is not of the form en, de or fr-CA; mend 'language'.")
    return name


def _speech(path: Path, said: dict[str, Any], locale: str) -> Speech:
    known = {field.name for field in fields(Speech)} - {"locale"}
    for name, value in said.items():
        if name not in known:
            raise UsageError(f"{path}: there is no word '{name}'; the words are {', '.join(sorted(known))}.")
        if not isinstance(value, str):
            raise UsageError(f"{path}: the word '{name}' = {value!r} is not text; mend it.")
    return Speech(locale, **said)


def _phrases(path: Path, table: dict[str, Any]) -> Phrases:
    for english, said in table.items():
        if not isinstance(said, str):
            raise UsageError(f'{path}: the phrase "{english}" = {said!r} is not text; mend it.')
        if english.replace("{}", "").strip() == "":
            raise UsageError(f'{path}: the phrase "{english}" has no words; write what the report says.')
        missing = [place for place in holes(said) if place >= english.count("{}")]
        if missing:
            raise UsageError(
                f'{path}: in the phrase "{english}" {{{missing[0]}}} stands for nothing: the English has {english.count("{}")} of {{}}; mend it.'
            )
    return tuple(sorted(table.items()))


def _palette(path: Path, colours: dict[str, Any]) -> Palette:
    known = {field.name for field in fields(Palette)}
    for name, value in colours.items():
        if name not in known:
            raise UsageError(
                f"{path}: there is no colour '{name}'; the colours are {', '.join(sorted(known))}."
            )
        for colour in value if isinstance(value, list) else [value]:
            if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
                raise UsageError(f"{path}: colour '{name}' = {colour!r} is not of the form #rrggbb.")
        if (name == "segments") != isinstance(value, list) or value == []:
            raise UsageError(
                f"{path}: 'segments' takes a list of colours, the others one each; mend '{name}'."
            )
    changes: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in colours.items()
    }
    return Palette(**changes)


def contrast_problems(palette: Palette) -> list[str]:
    """Colours that are hard to read on paper, a sentence each (WCAG 2.2: 4.5 to 1 for text, 3 to 1 for lines)."""
    asked = dict.fromkeys(("ink", "quiet", "accent"), _TEXT)
    colours = [
        (f"colour '{name}'", getattr(palette, name), palette.paper, least) for name, least in asked.items()
    ]
    colours.append(("colour 'peak_ink' on 'peak'", palette.peak_ink, palette.peak, _TEXT))
    colours += [
        (f"colour {number} of 'segments'", colour, palette.paper, _LINES)
        for number, colour in enumerate(palette.segments, 1)
    ]
    return [
        f"{name} ({colour}) has a contrast of {ratio:.1f} to 1, and needs {least:g}; take a {'darker' if _luminance(ground) > _MIDDLE else 'lighter'} one."
        for name, colour, ground, least in colours
        if (ratio := contrast(colour, ground)) < least
    ]


_TEXT, _LINES, _MIDDLE = 4.5, 3.0, 0.18


def contrast(colour: str, ground: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    high, low = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _logo(theme: Path, name: str) -> str:
    if re.match(r"(https?|data):", name):
        raise UsageError(
            f"{theme}: the logo '{name[:60]}' is an address, and a report loads nothing; save the picture beside {theme.name} and name that file."
        )
    path = theme.parent / name
    kind = _LOGO_TYPES.get(path.suffix.lower())
    if kind is None:
        raise UsageError(f"{theme}: logo '{name}' is neither SVG, PNG nor JPEG.")
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(
            f"{theme}: there is no logo '{path}'; mend 'logo', or put the file there."
        ) from error
    except OSError as error:
        raise UsageError(
            f"{theme}: the logo '{name}' can't be read ({error.strerror}); mend its path."
        ) from error
    if len(content) > _LOGO_MAX_BYTES:
        raise UsageError(
            f"{theme}: the logo '{name}' is larger than {_LOGO_MAX_BYTES // 1000} kB; make it smaller."
        )
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
