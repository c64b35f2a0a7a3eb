"""Codes that scanners read, patterns that do not change, fonts that cover what we say they cover."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import png
import pytest
import zxingcpp

from eventreg.core import pdf, qr, zellige

TOKEN = "BCDFGHJKLNPRSTVP"


def read(rows: list[list[bool]]) -> str:
    picture = np.array([[0 if dark else 255 for dark in row] for row in rows], dtype=np.uint8)
    (found,) = zxingcpp.read_barcodes(picture.repeat(4, axis=0).repeat(4, axis=1))
    return str(found.text)


@pytest.mark.parametrize("token", [TOKEN, "BBBBBBBBBBBBBBBN", "XXXXXXXXXXXXXXXL"])
def test_a_token_is_the_smallest_code_and_reads_back(token: str) -> None:
    rows = qr.matrix(token)

    assert len(rows) == 29
    assert read(rows) == token


def test_an_address_reads_back() -> None:
    assert (
        read(qr.matrix("https://meeting.example.org/ar/programme", level="M"))
        == "https://meeting.example.org/ar/programme"
    )


def test_the_svg_draws_exactly_the_dark_modules() -> None:
    runs = [part for part in qr.svg(TOKEN).split('d="')[2].split('"')[0].split("M") if part]
    drawn = {(int(run.split("h")[0].split()[0]) + dx, int(run.split("h")[0].split()[1]))
             for run in runs for dx in range(int(run.split("h")[1].split("v")[0]))}  # fmt: skip

    assert drawn == {(x, y) for y, row in enumerate(qr.matrix(TOKEN)) for x, dark in enumerate(row) if dark}


def test_the_png_reads_back() -> None:
    width, height, rows, _info = png.Reader(io.BytesIO(qr.png(TOKEN, scale=8))).read()

    assert (width, height) == (232, 232)
    (found,) = zxingcpp.read_barcodes(np.array([[bit * 255 for bit in row] for row in rows], dtype=np.uint8))
    assert found.text == TOKEN


def test_a_token_stands_in_fours_on_two_lines() -> None:
    assert qr.in_fours(TOKEN) == ["BCDF GHJK", "LNPR STVP"]


def test_patterns_are_the_ones_of_the_art_direction() -> None:
    drawn = {slug: zellige.tile(shades, slug.replace("-", " ")) for slug, shades in zellige.TRACKS.items()}
    drawn["rosette"] = zellige.rosette("sample-1")

    assert {name: hashlib.sha256(svg.encode()).hexdigest()[:16] for name, svg in drawn.items()} == {
        "civic-participation": "ca7696b402b8c6c7",
        "digital-innovation": "36f7766340301216",
        "access-to-justice": "f049d4b105f10d9b",
        "anti-corruption": "3dd6ba4c1b446bf7",
        "rosette": "b01b2dba25b5729b",
    }


@pytest.mark.parametrize("text", [
    "مُحَمَّدٌ الطَّيِّبُ", "ⵎⵓⵃⴰ", "አበበ ቢቂላ", "Ọ̀yọ́ Ẹgbẹ́", "Ελένη", "Дмитрий", "Nguyễn", "“Œuvre”\u200d – №1",
])  # fmt: skip
def test_scripts_of_the_region_have_their_glyphs(text: str) -> None:
    assert pdf.missing_glyphs(text) == []


def test_characters_without_glyph_are_named_once_and_left_out() -> None:
    assert pdf.missing_glyphs("Zoé 🎉🎉 山") == ["🎉", "山"]
    assert pdf.printable("Zoé 🎉 山 Smile") == "Zoé Smile"


def test_presentation_forms_become_letters_and_direction_controls_go() -> None:
    assert pdf.printable("\u202eﻣﺆﺳﺴﺔ\u200f\n ﻻ") == "مؤسسة لا"


def test_a_break_is_offered_in_long_words_only_and_never_before_a_vowel_sign() -> None:
    assert pdf.breakable("short words") == "short words"
    assert pdf.breakable("مُ" * 7).replace("\u200d\u200b\u200d", "|") == "|".join(["مُ"] * 7)
