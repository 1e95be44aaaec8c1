"""Reading: from a form's bytes to checked entries, safety included, against bare calamine on the same bytes.

    python benchmarks/reading.py [FORMS [ROUNDS]]

Three shapes of the same forms: as ``kepu forms`` and openpyxl write them; with shared strings in UTF-8, as
Excel and WPS save; and as LibreOffice saves, where it is installed.
"""

from __future__ import annotations

import gc
import hashlib
import html
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import peers
import workload

from kepu_xls import checks, intake
from kepu_xls.model import FileRecord, FileStatus, InboxFile, status_of

SIZES = {
    "quick": {"forms": 40, "rounds": 3},
    "default": {"forms": 200, "rounds": 5},
    "full": {"forms": 500, "rounds": 7},
}
TARGETS = {1: 2.0, 2: 1.2}  # both to bare calamine on one thread
_BY_LIBREOFFICE = 20
_MOMENT = datetime(2019, 3, 22, 16)  # noqa: DTZ001 - the house's moments are local
_NONE = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def read(data: bytes, name: str, context: intake.ReadingContext) -> FileRecord:
    """Do what ``kepu merge`` does with a file's bytes, from the digest to the checks; the archive apart."""
    file = InboxFile(name, hashlib.sha256(data).hexdigest(), len(data), _MOMENT)
    (member,) = intake.open_containers(file, data, context.limits, ())
    record = intake.read_file(member.file, member.data or b"", context)
    if record.submission is None:
        return record
    opened = context.periods[record.period]
    found = (*record.findings, *checks.check_submission(record.submission, opened, file.path))
    return msgspec.structs.replace(record, status=status_of(found), findings=found)


def context_for(units: int) -> intake.ReadingContext:
    """Give what reading the forms of that many units needs."""
    opened = workload.opened_for(units)
    return intake.ReadingContext({opened.period: opened}, workload.asked()[1], opened.period)


def measure(forms: int = 200, rounds: int = 5) -> list[dict[str, Any]]:
    """Read that many forms of each shape in turns: a line a shape, reader and number of threads."""
    lines = []
    context = context_for(forms)
    for shape, paths in _shapes(forms).items():
        items = [(path.read_bytes(), path.name) for path in paths]
        _refuse_unread(items, context)
        lines += _measured(shape, items, context, rounds)
    return lines


def _measured(
    shape: str, items: Sequence[tuple[bytes, str]], context: intake.ReadingContext, rounds: int
) -> list[dict[str, Any]]:
    def ours(item: tuple[bytes, str]) -> object:
        return read(*item, context)

    def bare(item: tuple[bytes, str]) -> object:
        return peers.read_bare(item[0])

    programs = [("calamine", bare, 1), ("ours", ours, 1), ("calamine", bare, 2), ("ours", ours, 2)]
    times: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for name, work, threads in programs:
            times.setdefault((name, threads), []).append(_timed(work, items, threads))
    middle = {
        key: (median(wall for wall, _ in each), median(cpu for _, cpu in each)) for key, each in times.items()
    }
    base = middle["calamine", 1]
    return [
        {
            "suite": "reading",
            "case": f"{shape}, {threads} thread{'s' * (threads > 1)}",
            "size": len(items),
            "name": name,
            "wall": wall,
            "cpu": cpu,
            "peak_mb": None,
            "ratio": wall / base[0],
            "cpu_ratio": cpu / base[1],
            "ratio_same_threads": wall / middle["calamine", threads][0],
            "target": TARGETS[threads] if name == "ours" else None,
        }
        for (name, threads), (wall, cpu) in middle.items()
    ]


def _timed(
    work: Callable[[tuple[bytes, str]], object], items: Iterable[tuple[bytes, str]], threads: int
) -> tuple[float, float]:
    gc.collect()
    begin, begun = time.perf_counter(), time.process_time()
    if threads == 1:
        for item in items:
            work(item)
    else:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(work, items):
                pass
    return time.perf_counter() - begin, time.process_time() - begun


def _refuse_unread(items: Iterable[tuple[bytes, str]], context: intake.ReadingContext) -> None:
    """See to it that forms are read at all: refusing is fast."""
    for data, name in items:
        record = read(data, name, context)
        if record.status not in (FileStatus.ACCEPTED, FileStatus.ACCEPTED_WITH_ERRORS):
            raise RuntimeError(f"{name}: {record.status} {record.findings[:1]}")


# ── shapes ───────────────────────────────────────────────────────────────────────────────────────────


def _shapes(forms: int) -> dict[str, Sequence[Path]]:
    filled = workload.filled(forms)
    shapes: dict[str, Sequence[Path]] = {"as filled": filled, "shared strings": _shared(filled)}
    if shutil.which("soffice"):
        few = filled[:_BY_LIBREOFFICE]
        resaved = _resaved(few)
        shapes["LibreOffice"] = (resaved * (-(-forms // len(resaved))))[:forms]
    return shapes


def _shared(filled: Sequence[Path]) -> list[Path]:
    """Give the forms with their texts in a part of shared strings, as Excel and WPS save them."""
    folder = workload.folder() / "shared"
    folder.mkdir(exist_ok=True)
    made = []
    for path in filled:
        copy = folder / path.name
        if not copy.exists():
            begun = copy.with_suffix(f".{os.getpid()}")
            begun.write_bytes(with_shared_strings(path))
            begun.rename(copy)
        made.append(copy)
    return made


_INLINE = re.compile(rb'<c ([^<>]*?)t="inlineStr"([^<>]*)><is>(.*?)</is></c>', re.DOTALL)
_REFERENCE = re.compile(rb"&#(\d+);")


def with_shared_strings(path: Path) -> bytes:
    """Give a workbook with inline texts moved to shared strings, and in UTF-8."""
    texts: dict[bytes, int] = {}
    uses = 0

    def shared(match: re.Match[bytes]) -> bytes:
        nonlocal uses
        uses += 1
        number = texts.setdefault(match[3], len(texts))
        return b'<c %st="s"%s><v>%d</v></c>' % (match[1], match[2], number)

    def plain(part: bytes) -> bytes:
        return _REFERENCE.sub(lambda match: html.escape(chr(int(match[1]))).encode(), part)

    def changed(name: str, part: bytes) -> bytes:
        if name.startswith("xl/worksheets/"):
            return _NONE + plain(_INLINE.sub(shared, part))
        if name == "[Content_Types].xml":
            kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            more = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/>' % kind
            return part.replace(b"</Types>", more + b"</Types>")
        if name == "xl/_rels/workbook.xml.rels":
            kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
            more = b'<Relationship Id="rIdShared" Type="%s" Target="sharedStrings.xml"/>' % kind
            return part.replace(b"</Relationships>", more + b"</Relationships>")
        return part

    def strings() -> bytes:
        space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        items = b"".join(b"<si>%s</si>" % plain(text) for text in texts)
        return _NONE + b'<sst xmlns="%s" count="%d" uniqueCount="%d">%s</sst>' % (
            space,
            uses,
            len(texts),
            items,
        )

    return workload.rezipped(path, changed, more={"xl/sharedStrings.xml": strings})


def _resaved(filled: Sequence[Path]) -> list[Path]:
    """Give the forms as LibreOffice saves them."""
    folder = workload.folder() / "libreoffice"
    if not folder.exists():
        begun = workload.folder() / f"libreoffice.{os.getpid()}"
        with TemporaryDirectory() as profile:
            subprocess.run(  # noqa: S603 - our own benchmarks
                [  # noqa: S607 - looked for above
                    "soffice",
                    f"-env:UserInstallation={Path(profile).as_uri()}",
                    "--headless",
                    "--convert-to",
                    "xlsx",
                    "--outdir",
                    str(begun),
                    *map(str, filled),
                ],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        begun.rename(folder)
    return sorted(folder.iterdir())


def main() -> None:
    """Print the table."""
    from run import shown  # noqa: PLC0415 - as a module this needs no table

    sys.stdout.write(shown(measure(*map(int, sys.argv[1:]))))


if __name__ == "__main__":
    main()
