# ruff: noqa: B905, E501 (the corpus and its loader are kept as they came)
"""Load the bad-input cases beside this file and turn each `input` into the text, bytes or steps to use.

    for case in load():                      # all areas; load('names') for one
        value = expand(case, code=..., other_code=...)   # str | bytes | list[str] | dict

Placeholders `{{name|filter:arg}}` in texts are filled from the keyword arguments; filters change a badge code the way
hands, scanners and keyboards do. Nothing here needs more than the standard library, except two picture recipes (Pillow).
"""
from __future__ import annotations

import base64
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent

# What a US-set keyboard-wedge scanner's key strokes give on a computer set to another layout.
AZERTY = dict(zip("QAWZM1234567890-", "AQZW?&é\"'(-è_çà)")) | dict(zip("qawzm", "aqzw,"))
ARABIC101 = dict(zip("QWERUIOPASDFHJKLZXCVNM",
                     ["َ", "ً", "ُ", "ٌ", "‘", "÷", "×", "؛", "ِ", "ٍ", "]", "[", "أ", "ـ", "،", "/", "~", "ْ", "}", "{", "آ", "’"]))
ARABIC101 |= {"T": "لإ", "Y": "إ", "G": "لأ", "B": "لآ"}


def _spaced(code: str, n: str) -> str:
    size = int(n)
    return " - ".join(code[i:i + size] for i in range(0, len(code), size))


def _confuse(code: str) -> str:
    return code.replace("B", "8").replace("S", "5")


def _swap(code: str, at: str) -> str:
    """Swap the first two unlike neighbours at or after `at`."""
    for i in range(int(at), len(code) - 1):
        if code[i] != code[i + 1]:
            return code[:i] + code[i + 1] + code[i] + code[i + 2:]
    raise ValueError("no unlike neighbours")


def _change(code: str, at: str) -> str:
    i = int(at)
    return code[:i] + ("B" if code[i] != "B" else "C") + code[i + 1:]


FILTERS = {
    "lower": lambda c, _: c.lower(),
    "spaced": _spaced,
    "confuse": lambda c, _: _confuse(c),
    "azerty": lambda c, _: "".join(AZERTY.get(x, x) for x in c),
    "arabic101": lambda c, _: "".join(ARABIC101.get(x, x) for x in c),
    "fullwidth": lambda c, _: "".join(chr(ord(x) + 0xFEE0) if "!" <= x <= "~" else x for x in c),
    "cut": lambda c, n: c[:int(n)],
    "swap": _swap,
    "change": _change,
    "sign_tail": lambda c, t: c + t,
}


def fill(text: str, **names: str) -> str:
    """Replace `{{name|filter:arg}}`; unknown names stay as they are."""
    def one(match: re.Match[str]) -> str:
        name, _, rest = match.group(1).partition("|")
        if name not in names:
            return match.group(0)
        value = names[name]
        for step in filter(None, rest.split("|")):
            fname, _, arg = step.partition(":")
            value = FILTERS[fname](value, arg)
        return value
    return re.sub(r"\{\{([a-z_]+(?:\|[^}]*)?)\}\}", one, text)


def repeat(recipe: dict) -> str:
    """prefix + unit × count + suffix; `{i}` in the unit is the running number."""
    unit, count = recipe["unit"], recipe["count"]
    body = "".join(unit.replace("{i}", str(i)) for i in range(count)) if "{i}" in unit else unit * count
    return recipe["prefix"] + body + recipe["suffix"]


def _zip(entries: list[dict]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for e in entries:
            block = (e["unit"] * 65536).encode()
            with z.open(e["name"], "w") as f:
                for _ in range(e["count"] // 65536):
                    f.write(block)
    return out.getvalue()


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    row, packer = bytes(1 + (width + 7) // 8), zlib.compressobj(9)
    data = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def file_bytes(recipe: dict) -> bytes:
    """Bytes of an uploaded file described by a recipe."""
    kind, arg = next(iter(recipe.items()))
    if kind == "zip":
        return _zip(arg)
    if kind == "png":
        return _png(*arg)
    if kind == "zip_nested":
        data = _zip([{"name": "0.txt", "unit": "0", "count": 10_000_000}])
        for level in range(arg):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
                for k in range(8):
                    z.writestr(f"{level}-{k}.zip", data)
            data = out.getvalue()
        return data
    if kind == "xlsx_xxe":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>")
            z.writestr("xl/workbook.xml", f"<!DOCTYPE x [<!ENTITY e SYSTEM '{arg}'>]><workbook>&e;</workbook>")
        return out.getvalue()
    if kind == "pdf_js":
        return (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(" + arg.encode()
                + b")>>>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
    from PIL import Image
    out = io.BytesIO()
    if kind == "gif_frames":
        frames = [Image.new("L", (8, 8), i % 256) for i in range(arg)]
        frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    elif kind == "jpeg_exif":
        exif = Image.Exif()
        exif[0x0112] = arg["orientation"]
        exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 37.0, 46.0), 3: "W", 4: (7.0, 58.0, 52.0)})
        Image.new("RGB", (40, 20), "teal").save(out, "JPEG", exif=exif)
    else:
        raise ValueError(f"unknown recipe {kind}")
    return out.getvalue()


def expand(case: dict, **names: str) -> str | bytes | list[str] | dict:
    """The value to use for a case: text, bytes, steps, or (kinds http and json) a dictionary."""
    kind, value = case["kind"], case["input"]
    if kind == "base64":
        return base64.b64decode(value)
    if kind == "recipe":
        return repeat(value)
    if kind == "text":
        return fill(value, **names)
    if kind == "steps":
        return [fill(s, **names) for s in value]
    filled = json.loads(fill(json.dumps(value, ensure_ascii=False), **names))
    if kind == "json" and isinstance(filled, dict) and ("bytes" in filled or "recipe" in filled):
        data = file_bytes(filled["recipe"]) if "recipe" in filled else base64.b64decode(filled["bytes"])
        return {"filename": filled["filename"], "data": data}
    return filled


def load(area: str | None = None, folder: Path = HERE) -> Iterator[dict]:
    """Yield the cases of one area or of all, in file order."""
    for path in sorted(folder.glob(f"{area or '*'}.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))
