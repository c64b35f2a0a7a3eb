"""Badges on paper: every code is read, nothing runs off the card, whatever a name contains."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterator

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from flask import Flask

from eventreg.badges import sheets
from eventreg.badges.sheets import AgendaLine, BadgeFace, EventFace, Problem
from eventreg.core import clock, i18n, qr
from eventreg.core.i18n import Text

PROGRAMME = "https://meeting.example.org/programme"
EVENT = EventFace(
    name=Text(
        ar="اللقاء الجهوي لإفريقيا والشرق الأوسط لشراكة الحكومة المنفتحة",
        fr="Rencontre régionale Afrique et Moyen-Orient du Partenariat pour un gouvernement ouvert",
        en="Africa and Middle East Regional Meeting of the Open Government Partnership",
    ),
    line=Text(ar="مراكش، 1–3 نونبر 2022", fr="Marrakech, 1–3 nov. 2022", en="Marrakech, 1–3 Nov. 2022"),
    programme_url=Text(en=PROGRAMME),
    help="+212 500 00 00 00",
    wifi="MEETING-2022 / khatam-8",
)
AGENDA = (
    AgendaLine("الثلاثاء فاتح نونبر", "الجلسة الافتتاحية", "من 09:00 إلى 10:30، القاعة الكبرى"),
    AgendaLine("الخميس 3 نونبر", "Budgets locaux ouverts", "من 15:00 إلى 16:30، قاعة المنارة"),
)
NAMES = [
    ("سلمى بناني", "Salma Bennani", "وكالة مثال الرقمية"),
    ("Jean-Baptiste Ouédraogo-Zoungrana", "", "Réseau d’exemple pour la transparence budgétaire en Afrique"),
    (
        "عبد الرحمان بن عبد السلام الإدريسي الحسني العلوي",
        "Abderrahmane El Idrissi El Hassani",
        "الهيئة الوطنية للنزاهة " * 5,
    ),
    ("ⵎⵓⵃⴰ ⴰⵎⴰⵣⵉⵖ", "Muha Amazigh", "Tamaynut n umdya"),
    ("አበበ ቢቂላ", "Abebe Bikila", "Example University"),
    ("X" * 440, "", "Example"),
    ("مُحَمَّدٌ الطَّيِّبُ", "Mohammed Tayeb", "ﻣﺆﺳﺴﺔ ﺍﻟﻤﺜﺎﻝ"),
    ("Zoé 🎉 Smile", "", "Ọ̀yọ́ Ẹgbẹ́"),
    ("<b>&#panic() *x* $y$", "Ελένη Παπαδοπούλου", "Org _under_ #let"),
    ("ب" * 200, "Petit", "Example"),
    ("Дмитрий", "Dmitri", "W" * 300),
    ("山", "Yama Example", ""),
]
LETTERS = "BCDFGHJKLNPRSTVX"


def a_face(number: int, **changes: object) -> BadgeFace:
    own, other, organisation = NAMES[number % len(NAMES)]
    category = list(sheets.CATEGORY_COLOURS)[number % 7]
    face = BadgeFace(
        token="".join(LETTERS[(number * 7 + place * place * 3) % 16] for place in range(15)) + LETTERS[number % 16],
        name_own=own, name_other=other, organisation=organisation, country="Maroc",
        category=category, category_label=category.replace("_", " "),
        role_kind=list(sheets.ROLE_COLOURS)[number % 5], role_label="متدخلة", role_label_other="Intervenante",
        lang=("ar", "fr", "en")[number % 3], track=("digital-innovation", "anti-corruption", "")[number % 3],
        agenda=AGENDA if number % 2 else (),
    )  # fmt: skip
    return dataclasses.replace(face, **changes)  # type: ignore[arg-type]


FACES = [a_face(number) for number in range(12)]


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    app = Flask("eventreg")
    i18n.init_app(app)
    with app.app_context(), clock.at("2022-09-27T09:10+01:00"):
        yield


def pictures(document: bytes, dpi: int = 100) -> list[np.ndarray]:
    return [page.render(scale=dpi / 72, grayscale=True).to_numpy() for page in pypdfium2.PdfDocument(document)]


def codes(picture: np.ndarray) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(picture)}


def test_a6_has_two_pages_each_and_every_code_reads_at_100_dpi() -> None:
    read = [codes(picture) for picture in pictures(sheets.render(FACES, EVENT, layout="a6"))]

    assert read == [page for face in FACES for page in ({face.token}, {PROGRAMME})]


def test_folded_has_back_and_front_on_one_page() -> None:
    read = [codes(picture) for picture in pictures(sheets.render(FACES, EVENT, layout="a6-fold"))]

    assert read == [{face.token, PROGRAMME} for face in FACES]


def test_eight_fronts_stand_on_a_sheet() -> None:
    read = [codes(picture) for picture in pictures(sheets.render(FACES, EVENT, layout="a4x8"))]

    assert read == [{face.token for face in FACES[:8]}, {face.token for face in FACES[8:]}]


@pytest.mark.parametrize(
    ("layout", "width_mm", "height_mm"), [("a6", 105, 148), ("a6-fold", 210, 148), ("a4x8", 210, 297)]
)
def test_pages_have_their_true_size(layout: sheets.Layout, width_mm: int, height_mm: int) -> None:
    (first, *_rest) = pypdfium2.PdfDocument(sheets.render(FACES[:1], EVENT, layout=layout))

    assert [round(side / 72 * 25.4, 1) for side in first.get_size()] == [width_mm, height_mm]


def test_no_ink_at_the_edges_between_band_and_strips() -> None:
    for picture in pictures(sheets.render(FACES, EVENT, layout="a6")):
        body, margin = picture[int(42 * 3.937) : int(126 * 3.937)], int(5 * 3.937)  # 100 dpi: 3.937 pixels to the mm
        assert int(body[:, :margin].min()) == int(body[:, -margin:].min()) == 255
    for picture in pictures(sheets.render(FACES, EVENT, layout="a4x8")):
        for row in range(4):
            body = picture[int((row * 74 + 12) * 3.937) : int((row * 74 + 59) * 3.937)]
            assert int(body[:, :16].min()) == int(body[:, -16:].min()) == int(body[:, 398:428].min()) == 255


def test_whatever_is_written_keeps_off_the_code_and_the_strips() -> None:
    longest = a_face(1, name_own="م" * 440, name_other="W" * 440, organisation="M" * 440, organisation_other="ب" * 440)

    (front, _back) = pictures(sheets.render([longest], EVENT, layout="a6"))
    (sheet,) = pictures(sheets.render([longest], EVENT, layout="a4x8"))

    assert int(front[int(97 * 3.937) : int(100 * 3.937)].min()) == 255  # between who and code
    assert int(sheet[int(58.6 * 3.937) : int(59.5 * 3.937), : int(70 * 3.937)].min()) == 255
    assert codes(front) == codes(sheet) == {longest.token}


@pytest.mark.parametrize("name", ["يوسف مراد", "بلال علاء", "إبراهيم الشريف", "سلمى المدني", "الأوسط إلى نونبر"])
def test_arabic_copied_from_a_badge_is_in_the_right_order(name: str) -> None:
    document = pypdfium2.PdfDocument(sheets.render([a_face(0, name_own=name)], EVENT, layout="a6"))
    lines = unicodedata.normalize("NFKC", document[0].get_textpage().get_text_range()).splitlines()

    assert {name, "وكالة مثال الرقمية"} <= set(lines)


def test_latin_and_codes_copied_from_a_batch_that_begins_in_arabic_keep_their_order() -> None:
    latin = a_face(1, lang="en", name_own="Wilhelmina de Villanueva", name_other="")

    document = pypdfium2.PdfDocument(sheets.render([a_face(0, name_own="بلال علاء"), latin], EVENT, layout="a6"))

    words = " ".join(document[2].get_textpage().get_text_range().split())
    assert "Wilhelmina de Villanueva" in words
    assert " ".join(qr.in_fours(latin.token)) in words


def test_markup_in_a_name_is_printed_as_it_is() -> None:
    document = pypdfium2.PdfDocument(sheets.render([FACES[8]], EVENT, layout="a6"))

    assert "<b>&#panic() *x* $y$" in document[0].get_textpage().get_text_range()


def test_problems_name_the_badges_that_lose_characters() -> None:
    assert sheets.problems(FACES) == [
        Problem(FACES[7].token, "Zoé 🎉 Smile", ("🎉",)),
        Problem(FACES[11].token, "山", ("山",)),
    ]


def test_a_long_agenda_is_cut_with_a_count() -> None:
    face = a_face(1, lang="en", agenda=tuple(AgendaLine("Day", f"Session {n}", "09:00, Hall") for n in range(20)))

    text = pypdfium2.PdfDocument(sheets.render([face], EVENT, layout="a6"))[1].get_textpage().get_text_range()

    assert "Session 7" in text
    assert "Session 8" not in text
    assert "and 12 more sessions in the programme" in text


def test_colours_of_categories_carry_white_text() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    colours = [*sheets.CATEGORY_COLOURS.values(), *sheets.ROLE_COLOURS.values()]
    assert [colour for colour in colours if 1.05 / (luminance(colour) + 0.05) < 5] == []
    assert len(set(colours)) == len(colours)


def test_progress_is_told_and_nothing_to_print_is_refused() -> None:
    told: list[tuple[int, int]] = []

    sheets.render(FACES[:3], EVENT, layout="a4x8", progress=lambda done, of: told.append((done, of)))

    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(ValueError, match="no badges"):
        sheets.render([], EVENT, layout="a6")


def test_equal_badges_are_equal_bytes() -> None:
    first, second = (sheets.render(FACES, EVENT, layout="a6") for _time in range(2))

    assert first == second
