"""``kepu doctor``: looks at configuration, templates, ledger and surroundings; changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

from kepu_xls import config, forms, libreoffice, periods, plan
from kepu_xls.commands import looking_at_mail
from kepu_xls.commands.results import DoctorLine, DoctorResult
from kepu_xls.errors import KepuError
from kepu_xls.ledger import Ledger
from kepu_xls.model import Severity
from kepu_xls.report import fonts
from kepu_xls.workspace import Workspace


def doctor(workspace: Workspace, now: datetime) -> DoctorResult:
    """Look at everything a run depends on, one line each; what fails stops no other look."""
    settings = config.load(workspace.config)
    password = looking_at_mail.asked_once(settings.mail.login)
    looks: tuple[tuple[str, Callable[[], tuple[bool, str]]], ...] = (
        ("任务总表", lambda: _master(workspace, settings, now)),
        ("填报表模板", lambda: _template(workspace, settings)),
        ("信件模板", lambda: looking_at_mail.templates(workspace)),
        ("台账", lambda: _ledger(workspace)),
        ("收件文件夹", lambda: _inbox(workspace, settings)),
        ("原件", lambda: _originals(workspace)),
        ("文件夹可写", lambda: _writable(workspace)),
        ("发信", lambda: looking_at_mail.sending(workspace, settings, password)),
        ("收信", lambda: looking_at_mail.receiving(workspace, settings, password)),
        ("节假日日历", lambda: _calendar(now.year)),
        ("LibreOffice", _libreoffice),
        ("字体", lambda: _fonts(settings)),
    )
    first = DoctorLine("配置文件", good=True, detail=f"{len(settings.fields)} 个填报栏目")
    return DoctorResult((first, *(_line(what, look) for what, look in looks)))


def _line(what: str, look: Callable[[], tuple[bool, str]]) -> DoctorLine:
    try:
        good, detail = look()
    except KepuError as error:
        good, detail = False, f"{error.finding.message}。{error.finding.remedy}"
    return DoctorLine(what, good=good, detail=detail)


def _master(workspace: Workspace, settings: config.Config, now: datetime) -> tuple[bool, str]:
    if not workspace.master.is_file():
        return False, "还没有，请运行 kepu plan import 文件名"
    master = plan.read_master(workspace.master, settings.plan.title)
    found = plan.check(master, now.date())
    bad = sum(one.severity is not Severity.INFO for one in found)
    told = f"{len(master.plan.tasks)} 项任务，{len(master.plan.units)} 个单位"
    return bad == 0, f"{told}，{bad} 处需要核对（见 kepu plan check）" if bad else told


def _template(workspace: Workspace, settings: config.Config) -> tuple[bool, str]:
    forms.load_template(workspace.form_template, settings.fields, settings.form_fields)
    return True, "可以使用"


def _ledger(workspace: Workspace) -> tuple[bool, str]:
    if not workspace.ledger.exists():
        return True, "还没有开启过任何一期"
    with Ledger(workspace.ledger, writing=False) as ledger:
        opened = list(ledger.periods())
    return True, f"已开启 {len(opened)} 期，最近一期 {opened[-1]}" if opened else "还没有开启过任何一期"


def _inbox(workspace: Workspace, settings: config.Config) -> tuple[bool, str]:
    if settings.inbox.url:
        return True, settings.inbox.url
    if workspace.has_inbox():
        return True, workspace.shown(workspace.inbox)
    return False, "不见了，下次合并时会新建一个空的；收到的表如果移到了别处，请放回来"


def _originals(workspace: Workspace) -> tuple[bool, str]:
    if not workspace.ledger.exists():
        return True, "还没有收过表"
    with Ledger(workspace.ledger, writing=False) as ledger:
        contents = ledger.contents()
    lost = [path for sha256, path in contents.items() if workspace.original(sha256) is None]
    if lost:
        example = f"archive 里缺 {len(lost)} 份，例如 {lost[0]}"
        return False, f"{example}；已经汇总的内容还在台账里，但不能重新读取，有备份的请恢复"
    return True, f"收到的 {len(contents)} 份都在 archive 里"


def _writable(workspace: Workspace) -> tuple[bool, str]:
    locked = [
        path.name
        for path in (workspace.root, workspace.templates, workspace.inbox, workspace.root / "outbox")
        if path.exists() and not os.access(path, os.W_OK)
    ]
    return not locked, f"没有写入权限：{'、'.join(locked)}" if locked else "可以写入"


def _calendar(year: int) -> tuple[bool, str]:
    if periods.calendar_knows(year):
        return True, f"有 {year} 年的安排"
    return False, f"没有 {year} 年的安排，工作日按周一到周五推算"


def _libreoffice() -> tuple[bool, str]:
    found = libreoffice.find()
    return found is not None, str(found) if found else "没有找到；不能导出 PDF，也不能导入 .doc"


def _fonts(settings: config.Config) -> tuple[bool, str]:
    known = fonts.installed()
    if known is None:
        return True, "本机无法列出字体，没有检查"
    lists = (settings.report.title_fonts, settings.report.heading_fonts, settings.report.body_fonts)
    missing = [names[0] for names in lists if names and names[0] not in known]
    instead = "、".join(
        dict.fromkeys(fonts.chosen(names) for names in lists if names and names[0] in missing)
    )
    told = f"缺少 {'、'.join(dict.fromkeys(missing))}，用 {instead} 代替"
    return not missing, told if missing else "齐全"
