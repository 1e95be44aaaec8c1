"""What is measured: the real plan with its units multiplied by districts, and their filled forms.

Everything is made once and kept under ``build/bench`` (delete that folder to have it made anew).  The forms
of the first twenty units are those that ``kepu forms`` made and openpyxl filled; further districts' are the
same with another unit, a signature of their own and other texts, so that nothing is told of copies.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from types import MappingProxyType

import msgspec

from kepu_xls import demo, identity, periods
from kepu_xls.commands import forms, merge, plan
from kepu_xls.commands.session import opened, period_meant
from kepu_xls.identity import Identity
from kepu_xls.ledger import Ledger
from kepu_xls.model import OpenPeriod, Plan, Task, Unit
from kepu_xls.plan import write_master
from kepu_xls.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
WEEK = periods.parse("2019-W12")
PERIOD = str(WEEK)
_STORY = demo.Story(
    chapter=1, pace=64.5, parts=(demo.Part.FAULTY, demo.Part.LOOSE, demo.Part.NIL, demo.Part.PLAIN)
)
_MADE_FROM = ("benchmarks/workload.py", "config.toml", "templates/form.xlsx")
_ARRIVED = datetime.combine(WEEK.last_day, time(16)) - timedelta(days=2)
_MONDAY = datetime.combine(WEEK.first_day, time(9))
_TEXT = re.compile(rb"(<t(?: [^<>]*)?>)([^<]+)(?=</t>)")
_SENTENCE = re.compile("[一-鿿].*[一-鿿]{5}", re.DOTALL)
_LEVEL = 6


@cache
def folder() -> Path:
    """Where all of it is kept: by what it is made from."""
    digest = hashlib.sha256(b"".join((ROOT / path).read_bytes() for path in _MADE_FROM))
    return ROOT / "build" / "bench" / digest.hexdigest()[:12]


def _kept(name: str, make: Callable[[Path], None]) -> Path:
    """Give a folder of ours, made if it is not there: whole or not at all."""
    path = folder() / name
    if not path.exists():
        begun = path.with_name(f"{path.name}.{os.getpid()}")
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(parents=True)
        make(begun)
        begun.rename(path)
    return path


def seed() -> Path:
    """Give a workspace in which nothing has been opened yet: the secret of all is in its ledger."""
    return _kept("seed", lambda path: plan.init(path, None, _MONDAY) and None)


def real() -> Path:
    """Give a workspace with the real plan: two weeks' forms issued, filled, and the first week merged."""
    return _kept("real", _fill_real)


def _fill_real(path: Path) -> None:
    shutil.copytree(seed(), path, dirs_exist_ok=True)
    home = Workspace(path)
    for week, story in ((WEEK.previous(), demo.CALM), (WEEK, _STORY)):
        monday = datetime.combine(week.first_day, time(9))
        with opened(home, monday, writing=True) as session:
            forms.issue(session, str(week))
            asked = period_meant(session, str(week))
            demo.fill_forms(home.forms(str(week)), home.inbox / str(week), asked, story)
        if week != WEEK:
            with opened(home, monday + timedelta(days=7), writing=True) as session:
                merge.merge(session, str(week))


@cache
def asked() -> tuple[OpenPeriod, bytes]:
    """Give the real plan's week as it was opened, and the secret that signs forms."""
    with Ledger(Workspace(real()).ledger, writing=False) as ledger:
        return ledger.periods()[PERIOD], ledger.secret


# ── units by districts ───────────────────────────────────────────────────────────────────────────────


def unit_of(district: int, name: str) -> str:
    """Name a district's copy of a unit; the first district's is the unit itself."""
    return f"第{district:04}区{name}" if district else name


def opened_for(units: int) -> OpenPeriod:
    """Open the week for as many districts as it takes: every task is also that of each district's copies."""
    real_one = asked()[0]
    districts = range(-(-units // len(real_one.expected)))
    return msgspec.structs.replace(real_one, plan=_multiplied(real_one.plan, districts))


def _multiplied(one: Plan, districts: range) -> Plan:
    def copies(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(unit_of(district, name) for district in districts for name in names)

    def task(one: Task) -> Task:
        return msgspec.structs.replace(one, leads=copies(one.leads), participants=copies(one.participants))

    def unit(district: int, one: Unit) -> Unit:
        return one if not district else Unit(unit_of(district, one.name))

    return msgspec.structs.replace(
        one,
        tasks=tuple(map(task, one.tasks)),
        units=tuple(unit(district, each) for district in districts for each in one.units),
    )


# ── filled forms ─────────────────────────────────────────────────────────────────────────────────────


def filled(count: int) -> tuple[Path, ...]:
    """Give that many filled forms, each of a unit of its own."""
    paths: list[Path] = []
    for district in range(-(-count // len(asked()[0].expected))):
        made = _kept(f"forms/{district:04}", lambda path, district=district: _fill_district(path, district))
        paths += sorted(made.iterdir())
    return tuple(paths[:count])


def _fill_district(path: Path, district: int) -> None:
    home, (period, secret) = Workspace(real()), asked()
    stamp = _ARRIVED.timestamp()
    for unit in period.expected:
        name = f"{unit}_{PERIOD}_进展填报表.xlsx"
        copy = path / f"{district:04}_{name}"
        blank, source = home.forms(PERIOD) / name, home.inbox / PERIOD / name
        if district:
            copy.write_bytes(_copied(source, blank, Identity(unit, PERIOD, 1), district, secret))
        else:
            shutil.copyfile(source, copy)
        os.utime(copy, (stamp, stamp))


def _copied(source: Path, blank: Path, own: Identity, district: int, secret: bytes) -> bytes:
    """Make a filled form that of a district's unit: what was filled in is shuffled character by character."""
    unit = unit_of(district, own.unit)
    new = {
        own.unit: unit,
        f"填报单位：{own.unit}": f"填报单位：{unit}",
        identity.sign(secret, own): identity.sign(secret, msgspec.structs.replace(own, unit=unit)),
    }
    given = frozenset(_texts(blank))

    def changed(match: re.Match[bytes]) -> bytes:
        text = html.unescape(match[2].decode())
        said = new.get(text, text)
        if text not in given and _SENTENCE.search(text):
            said = "".join(Random(f"{district}{text}").sample(text, len(text)))  # noqa: S311 - play
        return match[1] + html.escape(said, quote=False).encode("ascii", "xmlcharrefreplace")

    return rezipped(source, lambda name, part: _TEXT.sub(changed, part) if "worksheets/" in name else part)


def _texts(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if "worksheets/" in name:
                yield from (html.unescape(match[2].decode()) for match in _TEXT.finditer(archive.read(name)))


def rezipped(
    source: Path,
    change: Callable[[str, bytes], bytes],
    more: Mapping[str, Callable[[], bytes]] = MappingProxyType({}),
) -> bytes:
    """Give a workbook with each part as ``change`` makes it from its name and content, and then some more."""
    stream = BytesIO()
    with (
        zipfile.ZipFile(source) as archive,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as target,
    ):
        for name in archive.namelist():
            target.writestr(name, change(name, archive.read(name)))
        for name, part in more.items():
            target.writestr(name, part())
    return stream.getvalue()


# ── workspaces ───────────────────────────────────────────────────────────────────────────────────────


def issued(units: int) -> Path:
    """Give a workspace with the week opened for that many units, and an empty inbox.  Not to be worked in."""

    def make(path: Path) -> None:
        shutil.copytree(seed(), path, dirs_exist_ok=True)
        home, one = Workspace(path), opened_for(units)
        write_master(one.plan, home.master)
        with Ledger(home.ledger, writing=True) as ledger:
            ledger.open_period(one)
        shutil.copytree(Workspace(real()).moulds, home.moulds)  # as ``kepu forms`` leaves them

    return _kept(f"issued-{units}", make)


def fresh(units: int, at: Path, filled_forms: int | None = None) -> Workspace:
    """Lay out a workspace to work in, at ``at``: the week opened, the units' filled forms in its inbox.

    What lay there is removed.  The forms are hard links: reading must not change them.
    """
    shutil.rmtree(at, ignore_errors=True)
    shutil.copytree(issued(units), at)
    home = Workspace(at)
    inbox = home.inbox / PERIOD
    inbox.mkdir(parents=True)
    for path in filled(units if filled_forms is None else filled_forms):
        os.link(path, inbox / path.name)
    return home


def main() -> None:
    """Make what the benchmarks need for that many units, given as arguments."""
    for size in map(int, sys.argv[1:]):
        made = len(filled(size))
        sys.stdout.write(f"{made} forms for {issued(size)}\n")


if __name__ == "__main__":
    main()
