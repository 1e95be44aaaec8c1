"""Reading: from a form's bytes to checked entries, safety included, against bare calamine on the same bytes.

    python benchmarks/reading.py [FORMS [ROUNDS]]

Three shapes of the same forms: as ``kepu forms`` and openpyxl write them; with shared strings in UTF-8, as
Excel and WPS save; and as LibreOffice saves, where it is installed.  Each round reads forms of its own: what
is remembered of other forms helps, of the same one it would flatter.
"""

from __future__ import annotations

import gc
import html
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import peers
import workload
from reading_job import Item, ReadingForms, read

from kepu_xls import engine, intake
from kepu_xls.model import FileStatus

SIZES = {
    "quick": {"forms": 40, "rounds": 3},
    "default": {"forms": 200, "rounds": 5},
    "full": {"forms": 500, "rounds": 7},
}
WAYS = {"1 thread": 2.0, "2 threads": 1.2, "2 processes": 1.2}
"""The ways of reading, and what ours is to take in each, by bare calamine on one thread."""
_BY_LIBREOFFICE = 60
_NONE = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def job_for(units: int) -> ReadingForms:
    """Give the job of reading the forms of that many units."""
    return ReadingForms(workload.opened_for(units), workload.asked()[1])


def measure(forms: int = 200, rounds: int = 5) -> list[dict[str, Any]]:
    """Read that many forms of each shape in turns: a line a shape, reader and way.

    Of processes wall time alone is told: that of their start is not counted, that of getting ready is.
    """
    lines = []
    job = job_for(forms * rounds)
    for shape, paths in _shapes(forms * rounds).items():
        items = [(path.read_bytes(), str(path)) for path in paths]
        _refuse_unread(items[:forms], job.context())
        with engine.Team("processes") as team:
            lines += _measured(
                shape, [items[start : start + forms] for start in range(0, len(items), forms)], job, team
            )
    return lines


def _measured(
    shape: str, rounds: Sequence[Sequence[Item]], job: ReadingForms, team: engine.Team
) -> list[dict[str, Any]]:
    context = job.context()

    def bare(item: Item) -> object:
        return peers.read_bare(item[0])

    def ours(item: Item) -> object:
        return read(*item, context)

    two = engine.Chosen("processes", 2, "")
    programs: dict[tuple[str, str], Callable[[Sequence[Item]], Iterable[object]]] = {
        ("calamine", "1 thread"): partial(map, bare),
        ("ours", "1 thread"): partial(map, ours),
        ("calamine", "2 threads"): partial(_on_threads, bare),
        ("ours", "2 threads"): partial(_on_threads, ours),
        ("ours", "2 processes"): lambda items: team.map(job, [path for _, path in items], two),
    }
    _timed(programs["ours", "2 processes"], rounds[-1])  # they are started, and have seen a form
    times: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for items in rounds:
        for which, program in programs.items():
            times.setdefault(which, []).append(_timed(program, items))
    middle = {
        which: (median(wall for wall, _ in each), median(cpu for _, cpu in each))
        for which, each in times.items()
    }
    base = middle["calamine", "1 thread"]
    return [
        {
            "suite": "reading",
            "case": f"{shape}, {way}",
            "size": len(rounds[0]),
            "name": name,
            "wall": wall,
            "cpu": None if way == "2 processes" else cpu,
            "peak_mb": None,
            "ratio": wall / base[0],
            "cpu_ratio": None if way == "2 processes" else cpu / base[1],
            "target": WAYS[way] if name == "ours" else None,
        }
        for (name, way), (wall, cpu) in middle.items()
    ]


def _on_threads(work: Callable[[Item], object], items: Sequence[Item]) -> Iterable[object]:
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(work, items)


def _timed(
    program: Callable[[Sequence[Item]], Iterable[object]], items: Sequence[Item]
) -> tuple[float, float]:
    gc.collect()
    begin, begun = time.perf_counter(), time.process_time()
    for _ in program(items):
        pass
    return time.perf_counter() - begin, time.process_time() - begun


def _refuse_unread(items: Iterable[Item], context: intake.ReadingContext) -> None:
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
    folder = workload.folder() / f"libreoffice-{len(filled)}"
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
