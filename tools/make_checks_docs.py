"""Write docs/checks.md from the catalogue and config.toml; ``make docs`` runs it, a test compares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kepu_xls import config, messages
from kepu_xls.model import Required, Severity

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "checks.md"

# sections of messages.toml with findings, as a clerk would call them, in the order of the document
SECTIONS = {
    "checks": "必填与规则",
    "checks: across periods and units": "与上期、与别的单位比对",
    "intake": "读取填报表",
    "intake: containers": "压缩包、邮件和加密的文件",
    "merge": "以哪一份为准、沿用上期",
    "units and history": "单位变动",
    "plan": "任务分解表和任务总表",
    "mail in": "收取的邮件",
    "mail: out": "发出的邮件",
    "rollup": "各地区的汇总表",
}
OTHER_SECTIONS = frozenset({"configuration and workspace", "forms", "mail: servers", "report"})
"""Sections that hold failures of a command, not findings in what was sent."""

_FAILURE = re.compile(r'(?:InputError|SurroundingsError)\(\s*"([a-z0-9-]+)"')
_TEXTS = "chase-"  # texts to paste into a message: no findings
_WHOM = {"lead": "牵头单位", "participant": "参加单位", "all": "所有单位"}

HEAD = """\
# 检查项目一览

本文由 `make docs` 根据 `kepu_xls/messages.toml` 和 `config.toml` 生成，请勿直接修改。

- **错误**：退回单位修改，`kepu merge` 的退出码为 1。
- **提醒**：照常汇总，列入《校验结果》。
- **说明**：只是告知。
- 表中 `{label}` 这样的内容，显示时换成实际的栏目、单位、内容。每一条都写明文件、工作表和格子。

"""

RULES = """\
## 可以自己增减的规则

写在 `config.toml` 的 `[[rules]]`：满足 `when` 的行，必须也满足 `expect`。
写错的，`kepu doctor` 指出行号和第几个字。

- 栏目名称不带括号里的计量单位：`完成率`、`开展活动`；上期的写 `上期.完成率`。
- 还可以写 `单位`、`角色`、`任务编号`、`期次`、`期初`、`期末`（本期第一天、最后一天）、`完成时限`。
- 从松到紧：`或`（`or`）、`且`（`and`）、`非`（`not`）、
  比较（`==` `!=` `<` `<=` `>` `>=`）和 `为空`、`不为空`、加减、括号。
- `字数(栏目)` 不计空格；`包含(栏目, "文字")` 看有没有这几个字。
- 日期写成 `"2019-12-31"`，与日期栏目比较；日期加减天数得日期，日期相减得天数。
- 没有填的内容与什么相比都不成立，`!=` 也不成立。要问填没填，写 `为空`、`不为空`，或 `== ""`、`!= ""`。
- 填了而读不出来的格子已另外指出，用到它的规则不再查这一行。
- 选“本期无变化”的行，按沿用的上期内容检查。
- 规则用到的栏目在某一期开启时还没有的，那一期不按它检查，列一条说明（`rule-not-asked`）。

"""

LIGHTS = """
## 亮灯

写在 `config.toml` 的 `[[lights]]`，从上往下，第一个满足的决定颜色，原因一同显示。
写法与规则相同，用的是各单位汇总以后的内容，另有：

- `序时进度`：到本期最后一天，从 `[plan]` 的 `start` 到完成时限，已过去的百分比；
- `剩余天数`：从本期最后一天到完成时限，过了的是负数。

没有完成时限的任务，这两项都按 `[plan]` 的 `end` 算。

"""


def render() -> str:
    """Give the whole text of docs/checks.md."""
    settings = config.load(ROOT / "config.toml")
    return "".join(
        (HEAD, RULES, *_rules(settings), LIGHTS, *_lights(settings), *_required(settings), *_catalogue())
    )


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    header = tuple(header)
    for row in (header, ("---",) * len(header), *rows):
        cells = " | ".join(cell.replace("|", r"\|") for cell in row)
        yield f"| {cells} |\n"


def _rules(settings: config.Config) -> Iterator[str]:
    return _table(
        ("代号", "程度", "查谁", "满足（when）", "就应（expect）", "哪里不对", "怎么办"),
        (
            (
                f"`{rule.code}`",
                Severity(rule.severity).label,
                _WHOM[rule.applies_to],
                f"`{rule.when}`" if rule.when else "每一行",
                f"`{rule.expect}`",
                rule.message,
                rule.remedy,
            )
            for rule in settings.rules
        ),
    )


def _lights(settings: config.Config) -> Iterator[str]:
    return _table(
        ("颜色", "满足（when）", "原因"),
        ((one.colour, f"`{one.when}`" if one.when else "其余", one.reason) for one in settings.lights),
    )


def _required(settings: config.Config) -> Iterator[str]:
    """List what has to be filled and between which bounds: checks that ``[[fields]]`` describe."""
    yield "\n## 各栏目的要求\n\n写在 `config.toml` 的 `[[fields]]`。\n\n"
    whom = {
        Required.NONE: "选填",
        Required.LEAD: "牵头必填",
        Required.PARTICIPANT: "参加必填",
        Required.ALL: "必填",
    }
    yield from _table(
        ("栏目", "必填", "限于"),
        ((field.label, whom[field.required], _bounds(field)) for field in settings.fields),
    )


def _bounds(field: config.Field) -> str:
    low = "" if field.minimum is None else f"不小于 {field.minimum:g}"
    high = "" if field.maximum is None else f"不大于 {field.maximum:g}"
    return "、".join(field.choices) or "，".join(part for part in (low, high) if part)


def sections() -> dict[str, list[str]]:
    """Give the codes of each section of the catalogue, in the order in which they stand."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / "kepu_xls" / "messages.toml").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"# ── (.+?) ─", line):
            name = heading[1]
        elif code := re.fullmatch(r"\[([a-z0-9-]+)\]", line.strip()):
            found.setdefault(name, []).append(code[1])
    return found


def _failures() -> set[str]:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "kepu_xls").rglob("*.py"))
    return set(_FAILURE.findall(source))


def _catalogue() -> Iterator[str]:
    codes, failures = sections(), _failures()
    for section, heading in SECTIONS.items():
        yield f"\n## {heading}\n\n"
        yield from _table(
            ("代号", "程度", "哪里不对", "怎么办"),
            (_line(code) for code in codes[section] if code not in failures and not code.startswith(_TEXTS)),
        )


def _line(code: str) -> tuple[str, ...]:
    message = messages.catalogue()[code]
    plain = (text.replace("{{", "{").replace("}}", "}") for text in (message.what, message.do))
    return (f"`{code}`", message.severity.label, *plain)


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
