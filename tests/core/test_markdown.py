"""What people mark up in a text is shown; nothing they write becomes HTML of its own or a link to run something."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventreg.core import markdown

ALLOWED = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}


class Tags(HTMLParser):
    """Collects what a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def found_in(words: str) -> Tags:
    tags = Tags()
    tags.feed(markdown.html(words, "en"))
    return tags


def test_lists_emphasis_links_and_line_ends_are_shown() -> None:
    shown = markdown.html("**Aims**\nof *ours*:\n\n- one\n- two\n\n2. second [site](https://example.org/a)", "en")

    assert "<strong>Aims</strong><br>" in shown and "<em>ours</em>" in shown and shown.count("<li>") == 3
    assert '<ol start="2">' in shown
    assert '<a href="https://example.org/a" rel="nofollow ugc noopener">site</a> (example.org)' in shown


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "<a href=javascript:alert(1)>x</a>", "<!-- x --><b>x</b>",
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)", "<javascript:alert(1)>",
        "[x](vbscript:x)", "[x](//evil.example)", "[x](/en/admin)", "[x](&#106;avascript:alert(1))", "[x](java\tscript:alert(1))",
    ],
)  # fmt: skip
def test_neither_html_nor_a_link_that_is_none_gets_through(words: str) -> None:
    tags = found_in(words)

    assert tags.tags <= {"p", "br"} and tags.attributes == []


def test_a_picture_from_elsewhere_is_never_loaded() -> None:
    assert "img" not in found_in("![x](https://example.org/x.png)").tags


def test_a_link_says_where_it_leads() -> None:
    assert "(evil.example)" in markdown.html("[https://example.org](https://evil.example/login)", "en")


@given(words=st.text(st.characters(codec="utf-8") | st.sampled_from("<>[]()*_`!\\&\"'-1. \n"), max_size=80))
def test_whatever_is_written_gives_known_tags_and_safe_addresses(words: str) -> None:
    tags = found_in(words)

    assert tags.tags <= ALLOWED
    for name, value in tags.attributes:
        assert name in ("href", "rel", "start")
        assert name != "href" or re.match("https?:|mailto:", value or "", re.IGNORECASE)


def test_french_signs_are_set_with_their_space() -> None:
    assert "bien\u00a0?" in markdown.html("C’est **bien** ou bien ?", "fr")


def test_paper_gets_the_same_line_by_line() -> None:
    lines = markdown.lines("Two\nlines **strong** end\n\n- a\n  1. b\n  2. c\n\n<https://example.org/>")

    assert [(line.level, line.marker, "".join(run.words for run in line.runs)) for line in lines] == [
        (0, "", "Two"), (0, "", "lines strong end"), (1, "•", "a"), (2, "1.", "b"), (2, "2.", "c"), (0, "", "https://example.org/"),
    ]  # fmt: skip
    assert [run.is_strong for run in lines[1].runs] == [False, True, False]
    assert lines[-1].runs[0].url == "https://example.org/"
