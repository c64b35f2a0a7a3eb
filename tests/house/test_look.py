"""The look keeps its word: logical directions, readable colours, small files, components with a contract."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from fontTools.ttLib import TTFont

from eventreg.core import assets

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
FONTS = ROOT / "static" / "fonts"
TEMPLATES = ROOT / "templates"

PHYSICAL = re.compile(
    r"(?:^|[\s;{])(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)|(?:^|[\s;{])(?:left|right|top|bottom)\s*:"
    r"|:\s*(?:left|right)\b|(?:^|[\s;{])(?:float|clear)\s*:"
)
PAGE_COLOURS = (
    "text",
    "muted",
    "primary",
    "link",
    "visited",
    "clay",
    "danger",
    "success",
    "warn",
    "civic",
    "digital",
    "justice",
    "integrity",
)
NOTE_GROUNDS = ("note-danger", "note-saffron", "note-success", "note-info")
THEMES = ("light", "dark")


def _css(name: str) -> str:
    return re.sub(r"/\*.*?\*/", "", (CSS / name).read_text(encoding="utf-8"), flags=re.S)


def _block(after: str) -> dict[str, str]:
    """The colour tokens of the first block that follows `after`."""
    css = _css("tokens.css")
    start = css.index("{", css.index(after) + len(after) - 1)
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", css[start : css.index("}", start)]))


def _tokens(theme: str) -> dict[str, str]:
    light = _block(":root {")
    return light if theme == "light" else light | _block(":root[data-theme=dark] {")


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_knows_black_on_white() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("path", sorted(CSS.rglob("*.css")), ids=lambda path: path.stem)
def test_directions_are_logical(path: Path) -> None:
    assert PHYSICAL.findall(_css(str(path.relative_to(CSS)))) == []


@pytest.mark.parametrize(
    "line", ["a { margin-left: 0; }", "a { left: 0 }", "a { text-align: right; }", "a { float: inline-start; }"]
)
def test_the_check_sees_a_physical_direction(line: str) -> None:
    assert PHYSICAL.search(line)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["page", "surface", "raised", "sunken"])
@pytest.mark.parametrize("colour", PAGE_COLOURS)
def test_words_can_be_read(theme: str, ground: str, colour: str) -> None:
    tokens = _tokens(theme)
    assert contrast(tokens[colour], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", NOTE_GROUNDS)
def test_words_can_be_read_on_notices(theme: str, ground: str) -> None:
    tokens = _tokens(theme)
    assert contrast(tokens["text"], tokens[ground]) >= 7


@pytest.mark.parametrize("theme", THEMES)
def test_signs_and_frames_can_be_seen(theme: str) -> None:
    tokens = _tokens(theme)
    assert contrast(tokens["on-primary"], tokens["primary"]) >= 4.5
    assert contrast(tokens["warn"], tokens["note-saffron"]) >= 4.5
    for ground in ("page", "surface", "sunken"):
        assert contrast(tokens["border"], tokens[ground]) >= 3


@pytest.mark.parametrize(
    ("ground", "words"),
    [
        ("ok", "paper"),
        ("again", "paper"),
        ("refused", "paper"),
        ("held", "paper"),
        ("gold", "ink"),
        ("press", "paper"),
        ("door-go", "paper"),
    ],
)
def test_the_door_and_the_badge_can_be_read(ground: str, words: str) -> None:
    tokens = _tokens("light")
    assert contrast(tokens[words], tokens[ground]) >= 4.5


def test_both_dark_blocks_are_equal() -> None:
    assert _block(":root:not([data-theme=light]) {") == _block(":root[data-theme=dark] {")


def test_every_css_file_is_joined_and_small() -> None:
    listed = {f"{name}.css" for name in (*assets.CSS, *assets.STAFF_CSS)}
    assert listed == {path.relative_to(CSS).as_posix() for path in CSS.rglob("*.css")}
    assert len(gzip.compress(assets.join_css(CSS), compresslevel=9, mtime=0)) <= 10 * 1024


def test_every_address_in_the_css_is_there() -> None:
    addresses = re.findall(r'url\("([^"]+)"\)', assets.join_css(CSS).decode())
    assert addresses
    assert [address for address in addresses if not (ROOT / "static" / address).is_file()] == []


def test_used_names_of_tokens_are_defined() -> None:
    css = re.sub(r"/\*.*?\*/", "", assets.join_css(CSS).decode(), flags=re.S)
    assert set(re.findall(r"var\(--([\w-]+)", css)) - set(re.findall(r"--([\w-]+)\s*:", css)) == set()


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("_components/*.html")), ids=lambda path: path.stem)
def test_every_component_tells_its_contract(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    head = re.match(r"\{#(.+?)#\}", source, flags=re.S)
    assert head
    assert path.stem in re.findall(r"{% macro (\w+)\(", source)
    assert f"{path.stem}(" in head[1]


@pytest.mark.parametrize(
    "path",
    sorted(
        [*TEMPLATES.glob("_components/*.html"), *TEMPLATES.glob("layouts/*.html"), *TEMPLATES.glob("errors/*.html")]
    ),
    ids=lambda path: path.stem,
)
def test_pages_carry_no_inline_style_or_script(path: Path) -> None:
    if path.stem in {"mail", "mail_button"}:  # mails are no pages
        pytest.skip("a mail carries its styles on its elements")
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", source)


@pytest.mark.parametrize("path", sorted(FONTS.glob("*.woff2")), ids=lambda path: path.stem)
def test_a_changed_font_has_its_own_name(path: Path) -> None:
    font = TTFont(path)
    names = {record.nameID: record.toUnicode() for record in font["name"].names}
    assert names[16].startswith("Khatam")
    assert not [text for number, text in names.items() if "plex" in text.lower() and number in {1, 3, 4, 6, 16, 18}]
    assert "Open Font License" in names[13]


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        (("khatam-text-400-arabic", "khatam-text-400-latin", "khatam-display-600-arabic"), 30_000),
        (("khatam-text-400-latin", "khatam-display-600-latin"), 21_000),
    ],
)
def test_fonts_fit_a_slow_line(files: tuple[str, ...], limit: int) -> None:
    assert sum((FONTS / f"{name}.woff2").stat().st_size for name in files) <= limit


@pytest.fixture
def shop() -> Flask:
    """An application with nothing but the assets."""
    app = Flask("shop", static_folder=None)
    app.static_folder = str(ROOT / "static")
    assets.init_app(app)
    return app


def _address(shop: Flask, path: str) -> str:
    with shop.test_request_context():
        return assets.asset_url(path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("all.css", "text/css"),
        ("js/app.js", "text/javascript"),
        ("img/icon.svg", "image/svg+xml"),
        ("fonts/khatam-text-400-latin.woff2", "font/woff2"),
        ("vendor/zxing-wasm/zxing_reader.wasm", "application/wasm"),
    ],
)
def test_assets_are_kept_for_ever(shop: Flask, path: str, kind: str) -> None:
    answer = shop.test_client().get(_address(shop, path))
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_packed_where_the_browser_takes_it(shop: Flask) -> None:
    plain = shop.test_client().get(_address(shop, "all.css"))
    packed = shop.test_client().get(_address(shop, "all.css"), headers={"Accept-Encoding": "gzip, br"})
    refused = shop.test_client().get(_address(shop, "all.css"), headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers and "Content-Encoding" not in refused.headers
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain.data


def test_an_old_address_gets_the_file_of_today_and_asks_again(shop: Flask) -> None:
    answer = shop.test_client().get("/assets/000000000000/all.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, no-cache")
    again = shop.test_client().get("/assets/000000000000/all.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["../pyproject.toml", "..%2f..%2fpyproject.toml", "js/", "nothing.css", "fonts/make_subsets.py", "/etc/passwd"],
)
def test_nothing_else_is_served(shop: Flask, path: str) -> None:
    assert shop.test_client().get(f"/assets/000000000000/{path}").status_code in {308, 404}


def test_a_misspelt_asset_is_found_at_once(shop: Flask) -> None:
    with shop.test_request_context(), pytest.raises(LookupError):
        assets.asset_url("js/ap.js")
