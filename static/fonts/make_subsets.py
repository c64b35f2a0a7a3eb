"""Make the web subsets of this folder from the fonts as published.

    python make_subsets.py PLEX_TTF_DIR REEM_KUFI_WOFF2_DIR

"Plex" is a reserved name that a changed font may not carry: the subsets are called "Khatam Text" and "Khatam Display".
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
# fmt: off
ARABIC = [
    0x060C, 0x061B, 0x061F, *range(0x0621, 0x063B), *range(0x0640, 0x0653), 0x0654, 0x0655, 0x066A, 0x0670, 0x0671,
    0x067E, 0x0686, 0x06A4, 0x06A8, 0x06AD, 0x06AF, 0x06CC, 0x200C, 0x200D,
]
LATIN = [
    *range(0x20, 0x7F), 0xA0, 0xA9, 0xAB, 0xB0, 0xB7, 0xBB, *range(0xC0, 0x100), 0x131, 0x152, 0x153, 0x160, 0x161,
    0x178, 0x17D, 0x17E, 0x2010, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x202F, 0x20AC,
    0x2192, 0x2212,
]
# fmt: on
FACES = {  # file -> (source, family, style, characters)
    "khatam-text-400-arabic": ("IBMPlexSansArabic-Regular.ttf", "Khatam Text", "Regular", ARABIC),
    "khatam-text-400-latin": ("IBMPlexSansArabic-Regular.ttf", "Khatam Text", "Regular", LATIN),
    "khatam-text-600-arabic": ("IBMPlexSansArabic-SemiBold.ttf", "Khatam Text", "SemiBold", ARABIC),
    "khatam-text-600-latin": ("IBMPlexSansArabic-SemiBold.ttf", "Khatam Text", "SemiBold", LATIN),
    "khatam-display-600-arabic": ("reem-kufi-arabic-600-normal.woff2", "Khatam Display", "SemiBold", ARABIC),
    "khatam-display-600-latin": ("reem-kufi-latin-600-normal.woff2", "Khatam Display", "SemiBold", LATIN),
}
FEATURES = ["calt", "ccmp", "fina", "init", "isol", "kern", "liga", "locl", "mark", "medi", "mkmk", "rlig", "tnum"]
KEPT_NAMES = (0, 8, 9, 11, 12)  # copyright and makers
LICENCE = "This Font Software is licensed under the SIL Open Font License, Version 1.1."


def subset(source: Path, family: str, style: str, characters: list[int], target: Path) -> None:
    """Write the subset as woff2: the features that shaping and tables need, no hinting, under its own name."""
    font = TTFont(source)
    options = Options()
    options.layout_features = FEATURES
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    rename(font, family, style)
    font.flavor = "woff2"
    font.save(target)


def rename(font: TTFont, family: str, style: str) -> None:
    """Replace every name that tells the font; the copyright line (which states the reservation) stays."""
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in KEPT_NAMES]
    postscript = f"{family.replace(' ', '')}-{style}"
    names = {
        1: f"{family} {style}",
        2: "Regular",
        3: f"{postscript};subset",
        4: f"{family} {style}",
        6: postscript,
        13: LICENCE,
        14: "https://openfontlicense.org",
        16: family,
        17: style,
    }
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        font["CFF "].cff.fontNames = [postscript]


def main() -> None:
    """Make all six files from the two folders given."""
    folders = [Path(folder) for folder in sys.argv[1:3]]
    for name, (file, family, style, characters) in FACES.items():
        source = next(folder / file for folder in folders if (folder / file).exists())
        subset(source, family, style, characters, HERE / f"{name}.woff2")


if __name__ == "__main__":
    main()
