"""Files that do harm to programs that read without looking: each costs itself alone."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import bombs
import msgspec
import pytest
from bombs import SHEET, STRINGS, sheet, workbook
from filled_forms import CONTEXT, blank_form, codes, fill, read, saved

from kepu_xls.errors import SurroundingsError
from kepu_xls.intake import collect, content, frames, inbox, reading_child
from kepu_xls.intake.loading import Loaded, load, load_if_harmless
from kepu_xls.intake.reading_child import ReadingChild
from kepu_xls.intake.sniff import Kind, sniff
from kepu_xls.intake.unpacking import Reason, RefusedError
from kepu_xls.limits import Limits
from kepu_xls.model import FileStatus

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(seconds=20)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return saved(fill(blank_form(tmp_path_factory.mktemp("form") / "form.xlsx")))


@pytest.fixture
def child() -> Iterator[ReadingChild]:
    with ReadingChild() as running:
        yield running


BOMBS: list[tuple[str, Callable[[], bytes], str]] = [
    ("a cell in the far corner", bombs.far_corner, "file-too-large-inside"),
    ("a billion laughs", bombs.laughs, "file-forbidden-xml"),
    ("four gigabytes of zeros", lambda: bombs.zeros(4), "file-too-large-unpacked"),
    ("a size that lies", lambda: bombs.lying(size=64 << 20), "file-broken-inside"),
    ("looping sectors", bombs.looping_xls, "file-broken"),
    ("many shared strings", lambda: bombs.many_strings(300_000), "file-too-many-strings"),
    ("sheets without end", bombs.many_sheets, "file-too-large-inside"),
    ("a string copied into every cell", bombs.copied_string, "file-takes-too-much-memory"),
    ("parts without end", bombs.many_parts, "file-too-many-parts"),
    ("half a million cells", bombs.full, "file-too-full"),
    ("a sheet that packs too well", lambda: workbook(sheet=sheet(" " * (20 << 20))), "file-too-large-ratio"),
]


@pytest.mark.parametrize(("make", "code"), [case[1:] for case in BOMBS], ids=[case[0] for case in BOMBS])
def test_a_bomb_is_refused_and_the_limit_named(make: Callable[[], bytes], code: str) -> None:
    limits = Limits(memory_mb=200, shared_strings=250_000)
    record = read(make(), "表.xlsx", msgspec.structs.replace(CONTEXT, limits=limits))
    assert (record.status, codes(record)) == (FileStatus.REJECTED, [code])
    assert record.findings[0].remedy
    assert "{" not in record.findings[0].message


def test_what_is_only_odd_is_read() -> None:
    for data in (
        bombs.deep(),
        workbook(sheet=sheet('<row r="1"><c r="A1"><v>1</v></c></row>', '<dimension ref="A1:XFD1048576"/>')),
        workbook(
            sheet=sheet(
                "".join(f'<row r="{number}" s="1" ht="{number % 97}"/>' for number in range(1, 1_048_577))
            )
        ),
    ):
        record = read(data)
        assert codes(record) == ["form-table-missing"]  # read, and found to be no form


def test_what_a_reader_dies_of_is_never_read_in_this_process() -> None:
    """Each of these has more than calamine can be trusted with, though none is past a limit."""
    for data in (bombs.copied_string(), bombs.far_corner(), bombs.many_sheets(), bombs.zeros(4)):
        assert load_if_harmless(data, sniff("表.xlsx", data), Limits()) is None
    wide = workbook(
        sheet=sheet(
            '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>'
            '<row r="20"><c r="A20"><v>1</v></c></row>'
        )
    )
    assert load_if_harmless(wide, Kind.XLSX, Limits()) is None
    assert isinstance(load(wide, Kind.XLSX, Limits()), Loaded)


@pytest.mark.parametrize("count", ["2000001", "4294967295", "123456789012345678", "x"])
def test_shared_texts_that_are_said_to_be_many_are_never_read_in_this_process(count: str) -> None:
    """Found by fuzzing: calamine makes room for as many as the part says, and aborts where there is none."""
    formula = sheet('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')  # not plain
    few, many = (
        workbook(
            sheet=formula, strings=f'<sst xmlns="{bombs.MAIN}" uniqueCount="{one}"><si><t>a</t></si></sst>'
        )
        for one in ("1", count)
    )
    assert isinstance(load_if_harmless(few, Kind.XLSX, Limits()), Loaded)
    assert load_if_harmless(many, Kind.XLSX, Limits()) is None


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFD1048576" t="inlineStr"><is></is></c>',
        '<c r="XFD1048576" t="inlineStr"/>',
        '<c r="XFD1048576" t="str"/>',
        '<c r="XFD1048576" t="s"/>',
        '<c r="XFD1048576"><v/></c>',
        '<c r="XFD1048576"><f/></c>',
        '<c r="XFD1048576" t="e"><v></v></c>',
        '<c r="XFD1048576" s="1"/>',
    ],
)
def test_an_empty_cell_in_the_far_corner_is_never_read_in_this_process(cell: str) -> None:
    """Found by fuzzing: calamine takes an empty text for a value."""
    data = workbook(sheet=sheet(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{cell}</row>'))
    assert load_if_harmless(data, Kind.XLSX, Limits()) is None
    refused = ["file-too-large-inside"] if "><" in cell else ["form-table-missing"]
    assert codes(read(data)) == refused


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            {"links": bombs.LINKS.replace("worksheets/sheet1.xml", "worksheets/../worksheets/sheet1.xml")},
            id="path",
        ),
        pytest.param(
            {"links": bombs.LINKS.replace("sharedStrings.xml", "strings.bin")}, id="part that is no XML"
        ),
        pytest.param(
            {"strings": '<sst><sheetData><row r="1"/></sheetData></sst>'}, id="sheet in another part"
        ),
        pytest.param({"sheet": sheet("<row><c><v>1</v></c></row>")}, id="cells without address"),
        pytest.param({"sheet": sheet("").encode("utf-16")}, id="encoding"),
        pytest.param(
            {"root": bombs.ROOT.replace("xl/workbook.xml", "xl/sharedStrings.xml")}, id="other workbook"
        ),
    ],
)
def test_what_two_readers_may_see_differently_is_not_proven_harmless(change: dict[str, str | bytes]) -> None:
    assert isinstance(load_if_harmless(workbook(), Kind.XLSX, Limits()), Loaded)
    assert not isinstance(load_if_harmless(workbook(**change), Kind.XLSX, Limits()), Loaded)


def test_a_zip_that_says_two_things_is_not_proven_harmless() -> None:
    data = workbook()
    for odd in (data + b"x", data + data, b"PK\3\4" + data, data[:-2] + b"\1\0x"):
        assert not isinstance(load_if_harmless(odd, Kind.XLSX, Limits()), Loaded)


def with_parts(data: bytes, parts: dict[str, bytes], renamed: Callable[[str], str] = str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(renamed(name), old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return stream.getvalue()


ILL_FORMED = [
    ("xl/drawings/vmlDrawing1.vml", b"<xml><br></xml>"),
    ("customXml/item1.xml", b""),
    ("docProps/custom.xml", b"<a>&nbsp;</a>"),
    ("docProps/custom.xml", b'<?xml version="1.0" encoding="gb2312"?><a/>'),
    ("__MACOSX/xl/._workbook.xml", b"\0\5\x16\7"),
]


@pytest.mark.parametrize(("name", "content"), ILL_FORMED)
def test_a_part_that_carries_no_cells_costs_nothing_but_is_read_in_the_child(
    good: bytes, name: str, content: bytes
) -> None:
    data = with_parts(good, {name: content})
    assert load_if_harmless(data, Kind.XLSX, Limits()) is None
    assert codes(read(data)) == codes(read(good))
    assert read(data).submission is not None


@pytest.mark.parametrize("name", [STRINGS, SHEET, "xl/styles.xml", "xl/workbook.xml", "_rels/.rels"])
def test_a_part_that_carries_cells_must_be_well_formed(good: bytes, name: str) -> None:
    assert codes(read(with_parts(good, {name: b"<a>"}))) == ["file-broken-inside"]


def test_a_document_type_is_refused_in_a_part_that_carries_no_cells_too(good: bytes) -> None:
    data = with_parts(good, {"docProps/custom.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a><br></a>'})
    assert codes(read(data)) == ["file-forbidden-xml"]


def test_an_ods_with_the_empty_part_that_openoffice_writes_is_read(
    good: bytes, tmp_path: Path, convert: Callable[[Path, str, Path], Path]
) -> None:
    (tmp_path / "form.xlsx").write_bytes(good)
    ods = convert(tmp_path / "form.xlsx", "ods", tmp_path).read_bytes()
    data = with_parts(ods, {"Configurations2/accelerator/current.xml": b""})
    assert read(data, "表.ods").submission is not None
    assert codes(read(data, "表.ods")) == codes(read(ods, "表.ods"))
    assert codes(read(with_parts(ods, {"content.xml": b"<a>"}), "表.ods")) == ["file-broken-inside"]


@pytest.mark.parametrize("renamed", [str.lower, lambda name: name.replace("/", "\\")])
def test_parts_named_as_lenient_readers_take_them_are_read(
    good: bytes, renamed: Callable[[str], str]
) -> None:
    assert read(with_parts(good, {}, renamed)).submission is not None


def test_a_workbook_without_a_part_that_it_needs_is_plainly_broken(good: bytes) -> None:
    data = with_parts(good, {}, lambda name: name.replace("workbook.xml.rels", "x.rels"))
    assert codes(read(data)) == ["file-broken"]


@pytest.mark.parametrize("part", range(4))
def test_damaged_forms_are_read_in_this_process_without_harm(good: bytes, part: int) -> None:
    """A small share of benchmarks/fuzz_intake.py; a death would take this process along."""
    from fuzz_intake import run_batch  # noqa: PLC0415 - lies among the benchmarks

    outcomes = run_batch([good], range(part * 60, part * 60 + 60))
    assert sum(outcomes.values()) == 60
    assert outcomes["read"] > 5


# ── the child ──


def test_the_child_gives_the_same_as_reading_here(good: bytes, child: ReadingChild) -> None:
    here = load(good, Kind.XLSX, LIMITS)
    assert isinstance(here, Loaded)
    assert child.load(good, Kind.XLSX, LIMITS) == here


def test_the_child_stays_for_the_next_file(good: bytes, child: ReadingChild) -> None:
    child.load(good, Kind.XLSX, LIMITS)
    first = pid_of(child)
    child.load(b"x", Kind.XLS, LIMITS)
    assert pid_of(child) == first


def pid_of(child: ReadingChild) -> int:
    assert child._running is not None  # noqa: SLF001 - what the system sees of it
    return child._running._process.pid  # noqa: SLF001


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL])
def test_a_child_that_falls_costs_that_file_alone(good: bytes, child: ReadingChild, number: int) -> None:
    child.load(good, Kind.XLSX, LIMITS)
    os.kill(pid_of(child), number)
    assert child.load(good, Kind.XLSX, LIMITS) == Reason("file-kills-reader")
    assert isinstance(child.load(good, Kind.XLSX, LIMITS), Loaded)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_child_that_hangs_is_given_up_after_the_limit(good: bytes, child: ReadingChild) -> None:
    child.load(good, Kind.XLSX, LIMITS)
    hung = pid_of(child)
    os.kill(hung, signal.SIGSTOP)
    assert child.load(good, Kind.XLSX, Limits(seconds=1)) == Reason("file-takes-too-long", {"limit": 1})
    with pytest.raises(ProcessLookupError):  # killed and buried: no zombie
        os.kill(hung, 0)
    assert isinstance(child.load(good, Kind.XLSX, LIMITS), Loaded)


@pytest.mark.skipif(sys.platform != "linux", reason="the system has no such limit")
def test_a_child_that_takes_too_much_memory_is_stopped_and_replaced(good: bytes, child: ReadingChild) -> None:
    limits = Limits(memory_mb=200, seconds=20)
    assert child.load(bombs.copied_string(), Kind.XLSX, limits) == Reason(
        "file-takes-too-much-memory", {"limit": 200}
    )
    assert isinstance(child.load(good, Kind.XLSX, limits), Loaded)


def test_closing_ends_a_read_at_once(good: bytes) -> None:
    child = ReadingChild()
    child.load(good, Kind.XLSX, LIMITS)
    os.kill(pid_of(child), signal.SIGSTOP)
    answers: list[Loaded | Reason] = []
    waiting = threading.Thread(
        target=lambda: answers.append(child.load(good, Kind.XLSX, Limits(seconds=600)))
    )
    waiting.start()
    while not child._turn.locked():  # noqa: SLF001 - until it is at it
        time.sleep(0)
    child.close()
    waiting.join()
    assert len(answers) <= 1
    with pytest.raises(SurroundingsError):
        child.load(good, Kind.XLSX, LIMITS)


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_an_interruption_while_the_child_starts_ends_it(
    good: bytes, child: ReadingChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    start = subprocess.Popen

    def interrupted(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        started.append(start(command, **options))  # type: ignore[call-overload]
        signal.raise_signal(signal.SIGINT)
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        child.load(good, Kind.XLSX, LIMITS)
    assert [process.poll() for process in started] == [-signal.SIGKILL]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_child_that_cannot_start_is_told_as_such(
    good: bytes, child: ReadingChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_child.sys, "executable", str(ROOT / "no such program"))
    with pytest.raises(SurroundingsError, match="reader-not-started"):
        child.load(good, Kind.XLSX, LIMITS)


def test_the_child_ends_when_nobody_asks_any_more() -> None:
    running = subprocess.run(
        [sys.executable, "-m", "kepu_xls.intake.child"], input=b"", capture_output=True, check=False, cwd=ROOT
    )
    assert (running.returncode, running.stderr) == (0, b"")


def test_the_child_imports_little() -> None:
    heavy = ("pandas", "openpyxl", "click", "numpy", "kepu_xls.config")
    script = f"import sys, kepu_xls.intake.child; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert shown.stdout.strip() == "[]"


def test_what_comes_from_the_child_is_sheets_or_nothing() -> None:
    import pickle  # noqa: PLC0415 - what an attacker would use

    class Evil:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, ("true",)

    for data in (pickle.dumps(Evil()), pickle.dumps([1])):
        with pytest.raises(pickle.UnpicklingError):
            frames.unpacked(data)


# ── the inbox ──


def refused_in(folder: Path, limits: Limits = LIMITS) -> dict[str, list[str]]:
    found = collect(folder, limits)
    assert not found.files
    return {record.file.path: codes(record) for record in found.refused}


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_pipes_links_and_folders_are_listed_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "passwd.xlsx").symlink_to("/etc/passwd")
    (tmp_path / "dangling.xlsx").symlink_to(tmp_path / "nothing")
    (tmp_path / "up").symlink_to(tmp_path.parent, target_is_directory=True)
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "folder").mkdir()
    assert refused_in(tmp_path) == {
        "pipe.xlsx": ["file-is-no-file"],
        "passwd.xlsx": ["file-is-link"],
        "dangling.xlsx": ["file-is-link"],
        "up": ["file-is-link"],
        "folder.xlsx": ["file-is-folder"],
    }


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    with (tmp_path / "huge.xlsx").open("wb") as file:
        file.truncate(10 << 30)  # takes no room on the disk
    assert refused_in(tmp_path) == {"huge.xlsx": ["file-too-large"]}


def test_a_file_that_vanishes_is_told_when_read_and_left_out_when_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RefusedError, match="file-vanished"), content(tmp_path / "gone.xlsx", LIMITS):
        pass
    monkeypatch.setattr(inbox, "_walk", lambda folder: [(str(folder / "gone.xlsx"), "gone.xlsx", "")])
    assert refused_in(tmp_path) == {}


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_a_file_replaced_by_a_pipe_or_link_since_it_was_listed_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "link.xlsx").symlink_to("/etc/passwd")
    for name, code in (("pipe.xlsx", "file-is-no-file"), ("link.xlsx", "file-is-link")):
        with pytest.raises(RefusedError, match=code), content(tmp_path / name, LIMITS):
            pass


def test_an_unreadable_file_or_folder_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"1")
    (tmp_path / "b").mkdir()
    scan, opening = os.scandir, os.open

    def denied_folder(path: str) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    def denied_file(path: str, flags: int) -> int:
        if Path(path).name == "a.xlsx":
            raise PermissionError(13, "Permission denied")
        return opening(path, flags)

    monkeypatch.setattr(os, "scandir", denied_folder)
    monkeypatch.setattr(os, "open", denied_file)
    assert refused_in(tmp_path) == {"a.xlsx": ["file-not-readable"], "b": ["folder-unreadable"]}


@pytest.mark.skipif(sys.platform != "linux", reason="names that are bytes")
def test_names_that_are_not_text_are_shown_and_read(tmp_path: Path) -> None:
    raws = ["进展.xlsx".encode("gb18030"), b"\xff\xfe.xlsx", b"\xff\xfd.xlsx"]
    for raw in raws:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw))).write_bytes(raw)
    found = collect(tmp_path, LIMITS)
    assert len(found.files) == 3
    assert "进展.xlsx" in found.sources
    for file in found.files:
        file.path.encode()
        with content(found.sources[file.path], LIMITS) as data:
            assert data in raws


def test_folders_nested_deeper_than_any_stack_are_gone_through(tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["d"] * 1_100)
    places = [folder, *folder.parents][:1_100]
    for place in reversed(places):
        place.mkdir()
    (folder / "a.xlsx").write_bytes(b"1")
    found = collect(tmp_path, LIMITS).files
    (folder / "a.xlsx").unlink()
    for place in places:  # which pytest's own cleaning up cannot go through
        place.rmdir()
    assert [file.path for file in found] == ["d/" * 1_100 + "a.xlsx"]


def test_a_thousand_random_files_are_all_accounted_for() -> None:
    chance = random.Random(1)  # noqa: S311 - no secrets
    starts = (b"PK\3\4", b"PK\5\6", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"Rar!", b"\x1f\x8b", b"")
    for _ in range(1000):
        record = read(chance.choice(starts) + chance.randbytes(chance.randint(0, 300)), "表.xlsx")
        assert record.status in (FileStatus.REJECTED, FileStatus.IGNORED)
