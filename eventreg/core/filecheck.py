"""What is this file really? Judged by its content, in a process of its own: it reads what strangers made.

Run as a script (`python filecheck.py pdf,png`, the file on standard input) it sets itself limits of memory and time, answers one
line of JSON, and after it the bytes to keep when they are not those that came. Parsers that crash or never end take nobody with
them. It knows nothing of the product, so that it starts fast.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

PIXELS = 50_000_000  # a phone's largest photograph
UNPACKED = 100 * 1024 * 1024  # what an office document may grow to
ENTRIES = 2000
MEMORY = 1024 * 1024 * 1024
SECONDS = 15

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "txt": "text/plain",
}
IMAGES = ("png", "jpeg", "webp")

# A PDF's words for what acts by itself or carries another file.
_ACTING_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"}
_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Movie", "/Rendition"}
_MARKUP = re.compile(rb"\s*(?:<[!?a-z]|#!|%PDF-)", re.I)  # a page, a drawing, a program: no plain text
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f]")
_MACROS = re.compile(
    r"vbaproject|vbadata|macrosheets|(?:^|/)(?:basic|scripts|activex|embeddings)/|\.(?:bin|exe|dll|js|vbs|jar)$", re.I
)
_PRINTER = re.compile(r"xl/printerSettings/printerSettings\d+\.bin", re.I)  # Excel's memory of the page setup, inert
_RELATIONSHIP = re.compile(rb"<Relationship\b[^>]*>", re.I)


@dataclass(frozen=True)
class Verdict:
    """`refused` is the reason, empty when the file is one of ours: then `kind` says which; `data` is what to keep."""

    refused: str = ""
    kind: str = ""
    data: bytes = field(default=b"", repr=False)


class Unfit(Exception):
    """The file is not taken; the message is the reason: kind, broken, active, locked, pixels, unpacked."""


def judge(data: bytes, accept: Collection[str]) -> Verdict:
    """Which of the kinds in `accept` the bytes are, and what to keep of them."""
    try:
        kind = _kind(data)
        if kind not in accept:
            raise Unfit("kind")
        return Verdict(kind=kind, data=_cleaned(kind, data))
    except Unfit as unfit:
        return Verdict(refused=str(unfit))


def _kind(data: bytes) -> str:
    """By the first bytes only: a file that is two kinds at once has one of them there."""
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"PK\x03\x04"):
        return _office_kind(data)
    if _text(data) is not None:
        return "txt"
    raise Unfit("kind")


def _cleaned(kind: str, data: bytes) -> bytes:
    if kind in IMAGES:
        return _image(kind, data)
    if kind == "pdf":
        _look_into_pdf(data)
        return data
    if kind == "txt":
        return (_text(data) or "").encode()
    _look_into_office(data)
    return data


# ---- text ------------------------------------------------------------------------------------------------------------


def _text(data: bytes) -> str | None:
    """The words of a plain text in UTF-8 or, with its mark, UTF-16; None for anything else, and for markup and programs."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        words = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(words) or _MARKUP.match(words[:200].encode()) else words


# ---- pictures --------------------------------------------------------------------------------------------------------


def _image(kind: str, data: bytes) -> bytes:
    """The picture drawn anew, upright, first frame only: nothing but its pixels comes through."""
    from PIL import Image, ImageOps  # slow to load, needed for pictures only

    Image.MAX_IMAGE_PIXELS = None  # our own limit is told from the header, before anything is unpacked
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > PIXELS:
                raise Unfit("pixels")
            picture.load()
            upright = ImageOps.exif_transpose(picture)
    except (OSError, SyntaxError, ValueError, zlib.error, MemoryError) as error:
        raise Unfit("broken") from error
    has_alpha = kind != "jpeg" and ("A" in upright.getbands() or "transparency" in upright.info)
    plain = upright.convert("RGBA" if has_alpha else "L" if upright.mode in ("1", "L") else "RGB")
    plain.info.clear()
    out = io.BytesIO()
    plain.save(out, kind.upper(), **({"quality": 88} if kind != "png" else {}))
    return out.getvalue()


# ---- PDF -------------------------------------------------------------------------------------------------------------


def _look_into_pdf(data: bytes) -> None:
    """Raise Unfit for scripts, programs, embedded files, a password, and what no reader can make sense of."""
    import pikepdf

    if zipfile.is_zipfile(io.BytesIO(data)):
        raise Unfit("kind")  # an archive behind the document
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            for thing in document.objects:
                _refuse_acting(thing)
    except pikepdf.PasswordError as error:
        raise Unfit("locked") from error
    except (pikepdf.PdfError, ValueError, RecursionError, MemoryError) as error:
        if b"obj" in data or b"stream" in data:
            raise Unfit("broken") from error
        # without a single object there is nothing that could act


def _refuse_acting(thing: Any, depth: int = 0) -> None:
    """Look through one object of the document; others that it names are looked at in their turn."""
    import pikepdf

    if depth > 60:
        raise Unfit("broken")
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        entries = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
        for key, value in entries.items():
            if key in _ACTING_KEYS or (key == "/S" and isinstance(value, pikepdf.Name) and str(value) in _ACTIONS):
                raise Unfit("active")
            _refuse_if_direct(value, depth)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            _refuse_if_direct(value, depth)


def _refuse_if_direct(value: Any, depth: int) -> None:
    import pikepdf

    if isinstance(value, pikepdf.Object) and not value.is_indirect:
        _refuse_acting(value, depth + 1)


# ---- office documents ------------------------------------------------------------------------------------------------


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unfit("broken") from error


def _office_kind(data: bytes) -> str:
    with _opened(data) as archive:
        _refuse_bomb(archive)
        names = set(archive.namelist())
        if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
            told = _read(archive, "mimetype").decode("ascii", "replace").strip()
            if told == TYPES["odt"]:
                return "odt"
        if "[Content_Types].xml" in names:
            if "word/document.xml" in names:
                return "docx"
            if "xl/workbook.xml" in names:
                return "xlsx"
    raise Unfit("kind")


def _refuse_bomb(archive: zipfile.ZipFile) -> None:
    """By the sizes that the archive states; reading stops at them, so that a lie gains nothing."""
    entries = archive.infolist()
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED:
        raise Unfit("unpacked")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unfit("locked")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Unfit("broken") from error


def _look_into_office(data: bytes) -> None:
    """Raise Unfit for macros, embedded objects, parts fetched from elsewhere, entities, names that leave the folder."""
    with _opened(data) as archive:
        names = archive.namelist()
        if len(set(names)) != len(names) or any(_leaves_the_folder(name) for name in names):
            raise Unfit("broken")
        if any(_MACROS.search(name) and not _PRINTER.fullmatch(name) for name in names):
            raise Unfit("active")
        for name in names:
            if name.lower().endswith((".xml", ".rels", ".rdf")):
                _refuse_acting_xml(name, _read(archive, name))


def _leaves_the_folder(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or ":" in name


def _refuse_acting_xml(name: str, xml: bytes) -> None:
    if b"\x00" in xml[:4]:
        xml = xml.decode("utf-16", "replace").encode()
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or (name == "[Content_Types].xml" and b"macroEnabled" in xml):
        raise Unfit("active")
    if name.endswith(".rels"):
        for relationship in _RELATIONSHIP.findall(xml):
            if b"External" in relationship and b"/hyperlink" not in relationship:
                raise Unfit("active")
    if re.search(rb"<(?:script:|office:script\b|ddeLink\b|w:instrText[^>]*>\s*DDE)", xml, re.I):
        raise Unfit("active")


# ---- as a process of its own -----------------------------------------------------------------------------------------


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    verdict = judge(data, sys.argv[1].split(","))
    is_changed = verdict.data != data
    answer = {"refused": verdict.refused, "kind": verdict.kind, "is_changed": is_changed}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + (verdict.data if is_changed else b""))


if __name__ == "__main__":
    _main()
