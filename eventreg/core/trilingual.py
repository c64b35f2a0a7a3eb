"""Words in three equal languages, as plain values that rules may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANGS = ("ar", "fr", "en")


@dataclass(frozen=True)
class Text:
    """Words in up to three languages; an empty string is a missing translation."""

    ar: str = ""
    fr: str = ""
    en: str = ""

    def in_(self, lang: str) -> str:
        """The words in `lang`, else in the first language that has them (order ar, fr, en), else ''."""
        return self.found(lang)[0]

    def found(self, lang: str) -> tuple[str, str]:
        """The words and the language they are in, which differs from `lang` for a fallback."""
        for candidate in (lang, *LANGS):
            if words := getattr(self, candidate):
                return words, candidate
        return "", lang

    def __bool__(self) -> bool:
        return bool(self.ar or self.fr or self.en)

    def as_dict(self) -> dict[str, str]:
        """{ar, fr, en} without empty ones: what is stored and exported."""
        return {lang: getattr(self, lang) for lang in LANGS if getattr(self, lang)}

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Text:
        """From {ar, fr, en}, of which some may be absent."""
        return cls(**{lang: data.get(lang, "") for lang in LANGS})
