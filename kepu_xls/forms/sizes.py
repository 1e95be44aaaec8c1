"""Smaller fonts for texts too long for any row, added to the styles of a form that has such texts."""

from __future__ import annotations

import re

_FONTS = re.compile(r'(<fonts count=")\d+("[^>]*>)(.*?)(?=</fonts>)', re.DOTALL)
_LOOKS = re.compile(r'(<cellXfs count=")\d+("[^>]*>)(.*?)(?=</cellXfs>)', re.DOTALL)
_FONT = re.compile(r"<font ?/>|<font>.*?</font>", re.DOTALL)
_LOOK = re.compile(r"<xf [^>]*?/>|<xf .*?</xf>", re.DOTALL)
_FONT_OF = re.compile(r'(?<=fontId=")\d+')
_INSIDE = re.compile(r"<font>(.*)</font>", re.DOTALL)
_SIZE = re.compile(r"<sz [^>]*/>")


class Styles:
    """The styles that all forms of a mould share: ``fonts``, and ``looks`` that cells name by number."""

    def __init__(self, xml: str) -> None:
        self.xml = xml
        self.fonts: list[str] = _FONT.findall(_section(_FONTS, xml))
        self.looks: list[str] = _LOOK.findall(_section(_LOOKS, xml))

    def with_more(self, fonts: list[str], looks: list[str]) -> str:
        """Give the styles with more fonts and looks behind the shared ones."""
        xml = _FONTS.sub(lambda old: _longer(old, self.fonts, fonts), self.xml)
        return _LOOKS.sub(lambda old: _longer(old, self.looks, looks), xml)


def _section(kind: re.Pattern[str], xml: str) -> str:
    found = kind.search(xml)
    return found[3] if found else ""


def _longer(section: re.Match[str], shared: list[str], more: list[str]) -> str:
    return f"{section[1]}{len(shared) + len(more)}{section[2]}{section[3]}{''.join(more)}"


class Sizes:
    """The smaller fonts of one form."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._asked: dict[tuple[int, float], int] = {}

    def smaller(self, style: int, size: float) -> int:
        """Give the number of a look that is like another one but for the size of its font."""
        return self._asked.setdefault((style, size), len(self._styles.looks) + len(self._asked))

    def xml(self) -> str | None:
        """Give the styles of the form; None where they are the shared ones."""
        if not self._asked:
            return None
        fonts, looks = list[str](), list[str]()
        for style, size in self._asked:
            look = self._styles.looks[style]
            font = self._styles.fonts[int(_FONT_OF.findall(look)[0])]
            looks.append(_FONT_OF.sub(str(len(self._styles.fonts) + len(fonts)), look))
            fonts.append(_in_size(font, size))
        return self._styles.with_more(fonts, looks)


def _in_size(font: str, size: float) -> str:
    written = f'<sz val="{size:g}"/>'
    if _SIZE.search(font):
        return _SIZE.sub(written, font)
    return f"<font>{written}{''.join(_INSIDE.findall(font))}</font>"
