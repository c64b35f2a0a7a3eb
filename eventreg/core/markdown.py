"""How may people mark up what they write? With the emphasis, lists and links of CommonMark; HTML and all the rest stay words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from eventreg.core.i18n import typeset

_SCHEMES = ("http:", "https:", "mailto:")
_LINE_ENDS = ("softbreak", "hardbreak")

# a line end of the writer is a line end, as it was in the box they typed in
_PARSER: Final = MarkdownIt("zero", {"breaks": True, "html": False}).enable(
    ["list", "emphasis", "link", "autolink", "escape", "newline"]
)
_PARSER.validateLink = lambda url: url.lower().startswith(_SCHEMES)  # type: ignore[method-assign]


@dataclass(frozen=True)
class Run:
    """Words of one look; `url` where they are a link, else ''."""

    words: str
    is_strong: bool = False
    url: str = ""


@dataclass(frozen=True)
class Line:
    """A line on paper: `level` 0 for a paragraph, 1 and more inside lists; `marker` ("•", "2.") where a point begins."""

    runs: tuple[Run, ...]
    level: int = 0
    marker: str = ""


def html(words: str, lang: str) -> Markup:
    """The text as safe HTML blocks, set as `lang` is; after a link's own words stands the host it leads to."""
    tokens = _PARSER.parse(words)
    for token in tokens:
        token.children = list(_for_the_page(token.children or (), lang))
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def _for_the_page(children: list[Token] | tuple[Token, ...], lang: str) -> Iterator[Token]:
    url = ""
    for token in children:
        if token.type == "text":
            token.content = typeset(token.content, lang)
        if token.type == "link_open":
            url = str(token.attrGet("href"))
            token.attrSet("rel", "nofollow ugc noopener")  # no search engine's credit for what strangers write
        yield token
        if token.type == "link_close" and token.markup != "autolink":
            yield Token("text", "", 0, content=_whereto(url))


def _whereto(url: str) -> str:
    """Words of a link may promise one place and lead to another."""
    return f" ({urlsplit(url).hostname or url.partition(':')[2].partition('?')[0]})"


def lines(words: str) -> list[Line]:
    """The text line by line, for paper."""
    found: list[Line] = []
    markers: list[int | None] = []  # of each list we are in: the number of its next point, None for dots
    marker = ""
    for token in _PARSER.parse(words):
        match token.type:
            case "bullet_list_open":
                markers.append(None)
            case "ordered_list_open":
                markers.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                markers.pop()
            case "list_item_open":
                number = markers[-1]
                marker = "•" if number is None else f"{number}."
                markers[-1] = None if number is None else number + 1
            case "inline":
                for runs in _lines_of(token.children or []):
                    found.append(Line(runs, len(markers), marker))
                    marker = ""
    return found


def _lines_of(children: list[Token]) -> Iterator[tuple[Run, ...]]:
    runs: list[Run] = []
    strong, url = 0, ""
    for token in children:
        if token.type in _LINE_ENDS:
            yield tuple(runs)
            runs = []
        elif token.type in ("strong_open", "em_open"):
            strong += 1
        elif token.type in ("strong_close", "em_close"):
            strong -= 1
        elif token.type == "link_open":
            url = str(token.attrGet("href"))
        elif token.type == "link_close":
            if token.markup != "autolink":
                runs.append(Run(_whereto(url)))
            url = ""
        elif token.content:
            runs.append(Run(token.content, strong > 0, url))
    yield tuple(runs)
