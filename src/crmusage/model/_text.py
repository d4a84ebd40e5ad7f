from __future__ import annotations

from typing import Literal

import attrs

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


@attrs.frozen
class Text:
    """What a person is told, in both languages of the project."""

    en: str
    fr: str

    def into(self, lang: str) -> str:
        """The text in `lang`, "en" or "fr".

        Raises:
            ValueError: for any other language.
        """
        if lang == "en":
            return self.en
        if lang == "fr":
            return self.fr
        raise ValueError(f"no text in {lang!r}: the languages are en and fr")
