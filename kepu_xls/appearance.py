"""``[report]`` and ``[brief]`` of config.toml: the look of what is printed, as frozen typed objects."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from kepu_xls.model import Record

Colour = Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")]
TypeSize = Annotated[float, msgspec.Meta(ge=6, le=72)]
ColumnWidth = Annotated[float, msgspec.Meta(ge=4, le=120)]
Millimetres = Annotated[float, msgspec.Meta(ge=5, le=60)]
SheetName = Literal[
    "总体情况", "任务进展", "单位报送", "量化指标", "与上期对比", "问题与滞后", "校验结果", "明细数据"
]


class Margins(Record, frozen=True):
    """The margins of a page, in millimetres."""

    top: Millimetres
    bottom: Millimetres
    left: Millimetres
    right: Millimetres


OFFICIAL_MARGINS = {
    "A3": Margins(top=37, bottom=35, left=28, right=26),
    "A4": Margins(top=28, bottom=26, left=35, right=37),
}
"""Those of an official document (GB/T 9704: top 37, binding edge 28, type area 156 by 225), lying across.

A3 is as high as an upright A4 page, and bound with such at its left edge.  A4 is that page turned with the
head of its tables to the binding edge, as the standard has it for tables that lie across.
"""


class MarginSettings(Record, frozen=True):
    """``[report.margins]``: millimetres; what is not given is as in an official document."""

    top: Millimetres | None = None
    bottom: Millimetres | None = None
    left: Millimetres | None = None
    right: Millimetres | None = None


class TypeSizes(Record, frozen=True):
    """``[report.sizes]``: sizes of type in points."""

    title: TypeSize = 22
    subtitle: TypeSize = 12
    heading: TypeSize = 10.5
    body: TypeSize = 10
    prose: TypeSize = 12


class Colours(Record, frozen=True):
    """``[report.colours]``: of grounds and lines; what a colour says always stands there as a word too."""

    heading: Colour = "#D9D9D9"
    band: Colour = "#EFEFEF"
    grid: Colour = "#404040"
    bad: Colour = "#F4B0A8"
    doubtful: Colour = "#FFF2CC"
    good: Colour = "#E2EFDA"
    plain: Colour = "#EDEDED"
    blue: Colour = "#CFE0F3"
    official: Colour = "#FF0000"


class ReportSettings(Record, frozen=True):
    """``[report]``: the look of the consolidated workbook.

    Of each list of fonts the first that is installed is used.  ``columns`` and ``widths`` go by the heads
    that people see; ``logo`` is a picture in the workspace, ``red_head`` an official head for the first page.
    """

    paper: Literal["A3", "A4"] = "A3"
    margins: MarginSettings = MarginSettings()
    title_fonts: tuple[str, ...] = ("方正小标宋简体", "华文中宋", "宋体", "SimSun", "Noto Serif CJK SC")
    heading_fonts: tuple[str, ...] = ("黑体", "SimHei", "Noto Sans CJK SC")
    body_fonts: tuple[str, ...] = ("仿宋_GB2312", "仿宋", "FangSong", "Noto Serif CJK SC")
    sizes: TypeSizes = TypeSizes()
    colours: Colours = Colours()
    sheets: tuple[SheetName, ...] = get_args(SheetName)
    columns: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - msgspec copies the default
    widths: dict[str, ColumnWidth] = {}  # noqa: RUF012 - msgspec copies the default
    title: str = "{plan}任务进展情况汇总"
    footer_left: str = "{title}  {period}  {made}制表"
    footer_centre: str = ""
    footer_right: str = "第 {page} 页 共 {pages} 页"
    odd_even_footers: bool = False
    logo: str = ""
    red_head: str = ""

    @property
    def page_margins(self) -> Margins:
        """The margins of the paper configured."""
        given = {
            side: size for side, size in msgspec.structs.asdict(self.margins).items() if size is not None
        }
        return msgspec.structs.replace(OFFICIAL_MARGINS[self.paper], **given)


class BriefSettings(Record, frozen=True):
    """``[brief]``: title, addressee and signature of the brief; without a signature the organiser signs."""

    title: str = "{plan}任务进展情况简报"
    addressee: str = ""
    signature: str = ""


class Fault(Record, frozen=True):
    """What is wrong with a setting: its table and key, the catalogue's code, and what the text names."""

    table: str
    key: str
    code: str
    details: dict[str, str] = {}  # noqa: RUF012 - msgspec copies the default


_FOOTER = ("title", "plan", "period", "made", "page", "pages")


def fault(report: ReportSettings, brief: BriefSettings) -> Fault | None:
    """Find the first of: sheets named twice or none, a ``{word}`` in a text that stands for nothing."""
    if not report.sheets or len({*report.sheets}) < len(report.sheets):
        return Fault("report", "sheets", "config-report-sheets")
    for table, key, pattern, words in (
        ("report", "title", report.title, ("plan", "period")),
        ("report", "footer_left", report.footer_left, _FOOTER),
        ("report", "footer_centre", report.footer_centre, _FOOTER),
        ("report", "footer_right", report.footer_right, _FOOTER),
        ("brief", "title", brief.title, ("plan", "period")),
    ):
        try:
            pattern.format(**dict.fromkeys(words, ""))
        except (KeyError, IndexError, ValueError):
            return Fault(
                table, key, "config-report-text", {"known": "、".join(f"{{{one}}}" for one in words)}
            )
    return None
