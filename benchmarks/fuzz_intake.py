"""Damages real workbooks in thousands of ways and reads those that count as harmless in one process.

    python benchmarks/fuzz_intake.py FOLDER [COUNT] [FIRST_SEED]

FOLDER holds workbooks (``kepu demo`` makes some in its inbox).  Damaged ones that do not count as harmless
are counted and left to the child.  A process that dies is a failure: its seed is told.  The same seed gives
the same damage.
"""

from __future__ import annotations

import io
import random
import re
import resource
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

from kepu_xls.config import Limits
from kepu_xls.intake.loading import Loaded, load_if_harmless
from kepu_xls.intake.sniff import WORKBOOKS, sniff

_BATCH = 500
_EDGES = (  # all but the last three leave XML well formed
    b"-1", b"0", b"1", b"255", b"256", b"16384", b"16385", b"65536", b"1048576", b"1048577",
    b"2147483647", b"2147483648", b"4294967295", b"4294967296", b"99999999999999999999", b"1e308", b"NaN",
    b"", b"XFD1048576", b"A0", b"A1:XFD1048576", b"ZZZ9999999", b"&#x10FFFF;", b"\xff", b"&a;", b"]]>",
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Damage a workbook in one of many ways: its bytes, or the text of one of its parts."""
    if chance.random() < 0.3:  # noqa: PLR2004 - three in ten
        return _bytes_damaged(data, chance)
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        names = source.namelist()
        hit = set(chance.choices(names, k=chance.randint(1, 3)))
        for name in names:
            part = source.read(name)
            target.writestr(name, _xml_damaged(part, chance) if name in hit else part)
    return stream.getvalue()


def _bytes_damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    match chance.randrange(4):
        case 0:
            del changed[chance.randrange(len(changed)) :]
        case 1:
            for _ in range(chance.randint(1, 20)):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        case 2:
            place = chance.randrange(len(changed))
            changed[place : place + chance.randint(0, 200)] = chance.randbytes(chance.randint(0, 200))
        case _:  # the directory, where sizes and places stand
            place = max(0, len(changed) - chance.randint(1, 1500))
            changed[place] = chance.randrange(256)
    return bytes(changed)


def _xml_damaged(part: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        part = _once_damaged(part, chance)
    return part


def _once_damaged(part: bytes, chance: random.Random) -> bytes:
    """Damage the text of a part once; three times in four it stays well formed, and so comes to calamine."""
    if chance.random() < 0.1:  # noqa: PLR2004 - one in ten
        place, size = chance.randrange(len(part) + 1), chance.randint(0, 3000)
        return part[:place] + chance.randbytes(chance.randint(0, 8)) + part[place + size :]
    pattern, changed = chance.choice(_CHANGES)
    found = list(re.finditer(pattern, part))
    if not found:
        return part
    one = chance.choice(found)
    return part[: one.start()] + changed(one[0], chance) + part[one.end() :]


def _edge(_: bytes, chance: random.Random) -> bytes:
    return chance.choice(_EDGES)


def _nothing(*_: object) -> bytes:
    return b""


def _repeated(found: bytes, chance: random.Random) -> bytes:
    return found * chance.choice((0, 2, 10, 1000))


def _renamed(_: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"c", b"row", b"v", b"si"))


_CHANGES = (
    *[(rb'(?<==")[^"<>]*(?=")', _edge)] * 6,
    *[(rb"(?<=>)[^<>]+(?=<)", _edge)] * 3,
    *[(rb' [A-Za-z:]+="[^"]*"', _nothing)] * 3,
    *[(rb"<([a-zA-Z:]+)[^<>]*(?:/>|>[^<>]*</\1>)", _repeated)] * 2,
    (rb"<[^>]+>", _repeated),
    (rb"(?<=[< /])[A-Za-z]+(?=[ >/=])", _renamed),
)


def run_batch(sources: list[bytes], seeds: range) -> Counter[str]:
    """Read damaged workbooks here: dies where the claim is wrong."""
    outcomes: Counter[str] = Counter()
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311 - no secrets
        data = damaged(chance.choice(sources), chance)
        print(seed, file=sys.stderr, flush=True)  # noqa: T201 - the last seed before a death
        kind = sniff("表.xlsx", data)
        if kind not in WORKBOOKS:
            outcomes["no workbook"] += 1
            continue
        outcome = load_if_harmless(data, kind, Limits())
        name = "child" if outcome is None else "read" if isinstance(outcome, Loaded) else outcome.code
        outcomes[name] += 1
    return outcomes


def main() -> None:
    """Run batches, each in a process of its own, and tell what came of them."""
    folder, count = Path(sys.argv[1]), int((sys.argv[2:] or ["5000"])[0])
    first = int((sys.argv[3:] or ["0"])[0])
    if len(sys.argv) > 4:  # noqa: PLR2004 - a batch: the fourth argument says so
        sources = [
            path.read_bytes() for path in sorted(folder.rglob("*.xls*")) if not path.name.startswith("~$")
        ]
        sources = [data for data in sources if data.startswith(b"PK")]
        for name, number in run_batch(sources, range(first, first + count)).items():
            print(number, name)  # noqa: T201
        return
    total: Counter[str] = Counter()
    begin, deaths = time.monotonic(), 0
    for start in range(first, first + count, _BATCH):
        size = min(_BATCH, first + count - start)
        command = [sys.executable, __file__, str(folder), str(size), str(start), "batch"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if result.returncode:
            deaths += 1
            print("DIED", result.returncode, result.stderr[-300:])  # noqa: T201
        for line in result.stdout.splitlines():
            number, _, name = line.partition(" ")
            total[name] += int(number)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(dict(total.most_common()), f"deaths {deaths}, {time.monotonic() - begin:.0f} s, at most {most} MiB")  # noqa: T201


if __name__ == "__main__":
    main()
