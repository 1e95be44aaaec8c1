"""校验结果: files that were not taken, with the reason, and what the checks found, errors first."""

from __future__ import annotations

from kepu_xls.model import FileRecord, FileStatus, Finding
from kepu_xls.outcome import Consolidated
from kepu_xls.report import figures, sentences
from kepu_xls.report.sheet import Content, Link, Sheet
from kepu_xls.report.survey import Survey
from kepu_xls.report.table import Band, Column, Heading, Item, Line, draw_filtered

NAME = "校验结果"

NOTE = "未采用的文件和错误在前，已取代、已忽略的文件在后。点任务编号可转到《明细数据》中相应的一行。"

_COLUMNS = (
    Column("严重\n程度", 9, "strong", shaded=True, repeats=True),
    Column("单位", 10, "center", repeats=True),
    Column("任务\n编号", 8, "center", repeats=True),
    Column("问题", 30, flexible=True),
    Column("处理办法", 30, flexible=True),
    Column("来源文件", 20, flexible=True),
    Column("工作表", 13, "center"),
    Column("单元格", 9, "center"),
)
_NOT_TAKEN = {
    FileStatus.REJECTED: "未采用",
    FileStatus.SUPERSEDED: "已取代",
    FileStatus.IGNORED: "已忽略",
}
_WHY = {
    FileStatus.REJECTED: ("文件未采用。", "请按所列问题改正后重新报送"),
    FileStatus.SUPERSEDED: ("同一单位后来又报送了一份，以后一份为准。", "不需要处理"),
    FileStatus.IGNORED: ("不是填报表，没有读取。", "不需要处理"),
}


def write(sheet: Sheet, data: Consolidated, heading: Heading, found: Survey) -> None:
    """Write the sheet; ``found`` tells where the entry that a finding speaks of stands."""
    files = figures.not_taken(data)
    rejected = [file for file in files if file.status is FileStatus.REJECTED]
    items: list[Item] = [_file(file) for file in rejected]
    items += [_finding(one, found) for one in figures.findings(data)]
    items += [_file(file) for file in files[len(rejected) :]]
    draw_filtered(sheet, heading, _COLUMNS, items or [Band(sentences.findings(data))])


def _finding(one: Finding, found: Survey) -> Line:
    line = found.of_entry.get((one.unit, one.task))
    task: Content = one.task if line is None else Link(one.task, line)
    place = one.place
    return Line(
        (one.severity.label, one.unit, task, one.message, one.remedy, place.file, place.sheet, place.cell)
    )


def _file(file: FileRecord) -> Line:
    what, remedy = _WHY[file.status]
    reasons = "；".join(dict.fromkeys(one.message for one in file.findings))
    remedies = "；".join(dict.fromkeys(one.remedy for one in file.findings if one.remedy))
    return Line(
        (_NOT_TAKEN[file.status], file.unit, "", what + reasons, remedies or remedy, file.file.path, "", "")
    )
