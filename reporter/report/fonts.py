"""The report's typeface as a stylesheet with everything in it: three weights, only the characters needed."""

import base64
import io
from functools import lru_cache

from reporter.figures.style import FONT
from reporter.resources import font_files

_RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2015), (0x2018, 0x201E), (0x2190, 0x2193))
_SINGLE = "†‡•…‰′″€−≈≠≤≥ηΔμσ"
_LATIN = frozenset(chr(code) for first, last in _RANGES for code in range(first, last + 1)) | frozenset(
    _SINGLE
)


def font_css(text: str) -> str:
    """``@font-face`` rules with the fonts inside: Latin, and whatever else ``text`` holds."""
    return _css("".join(sorted(_LATIN | {char for char in set(text) if char.isprintable()})))


def print_font_css() -> str:
    """The same for print: the child process that makes the PDF reads the font files itself, by these addresses."""
    return "\n".join(_rule(weight, f"font:{weight}", "truetype") for weight in sorted(font_files()))


@lru_cache(maxsize=8)
def _css(characters: str) -> str:
    return "\n".join(
        _rule(
            weight,
            f"data:font/woff2;base64,{base64.b64encode(_subset(weight, characters)).decode()}",
            "woff2",
        )
        for weight in sorted(font_files())
    )


def _rule(weight: int, address: str, kind: str) -> str:
    return (
        f'@font-face{{font-family:"{FONT}";font-weight:{weight};font-style:normal;font-display:block;'
        f'src:url({address}) format("{kind}")}}'
    )


def _subset(weight: int, characters: str) -> bytes:
    from fontTools import subset  # type: ignore[import-untyped]

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = ["kern", "mark"]
    options.drop_tables += ["GSUB", "DSIG"]  # no ligatures or small capitals here, and a third of the time
    options.hinting = False
    options.recalc_timestamp = False  # the same characters give the same bytes on any day
    font = subset.load_font(str(font_files()[weight]), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    font.close()
    return buffer.getvalue()
