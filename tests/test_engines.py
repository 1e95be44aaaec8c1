"""Engines: the same results in the same order, whichever does the work, and whatever happens to it."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import overload

import openpyxl
import pytest
from builders import PLAN
from driving import ROOT, Run, kepu
from small_workspace import Small

from kepu_xls import engine
from kepu_xls.commands import merge
from kepu_xls.commands.session import opened
from kepu_xls.errors import InputError, SurroundingsError
from kepu_xls.intake import listed
from kepu_xls.workspace import Workspace

HERE = ("serial", "threads", "processes")


class Doubling:
    """A job for tests: doubles numbers; 13 kills its worker, 17 is refused, 19 never ends."""

    @contextmanager
    def started(self) -> Iterator[Callable[[int], int]]:
        yield self.double

    def double(self, number: int) -> int:
        if number == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 17:
            raise InputError("engine-unknown", name="17", known="16")
        if number == 19:
            threading.Event().wait()
        return number * 2

    def lost(self, number: int) -> int:
        return -number

    def packed(self, result: int) -> bytes:
        return str(result).encode()

    def unpacked(self, data: bytes) -> int:
        return int(data)


class Asking(Doubling):
    """Tells which process works, whatever the number."""

    def double(self, number: int) -> int:
        return os.getpid() if number != 13 else super().double(number)


class Fussy(Doubling):
    """Cannot get ready."""

    @contextmanager
    def started(self) -> Iterator[Callable[[int], int]]:
        raise OSError(self)
        yield self.double


class Watched(Sequence[int]):
    """Numbers that remember how many of them were taken."""

    def __init__(self, count: int) -> None:
        self.count, self.taken = count, 0

    def __len__(self) -> int:
        return self.count

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice) or place >= self.count:
            raise IndexError
        self.taken = max(self.taken, place + 1)
        return 0


def run(name: str, items: Sequence[int], job: Doubling | None = None) -> Iterator[int]:
    return engine.map(job or Doubling(), items, engine.Chosen(name, 2, ""))


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("count", [0, 1, 300])
def test_results_come_in_order(name: str, count: int) -> None:
    items = [number * 20 for number in range(count)]
    assert list(run(name, items)) == [number * 2 for number in items]


@pytest.mark.parametrize("name", HERE)
def test_a_failure_comes_out_as_it_was(name: str) -> None:
    results = run(name, [1, 17, 2])
    assert next(results) == 2
    with pytest.raises(InputError) as failure:
        list(results)
    assert failure.value.finding.code == "engine-unknown"
    assert "17" in failure.value.finding.message
    assert failure.value.exit_code == 2


def test_a_process_that_dies_costs_the_item_it_was_at() -> None:
    items = [1, 13, *range(20, 60), 13, 13, *range(60, 90)]
    expected = [-number if number == 13 else number * 2 for number in items]
    assert list(run("processes", items)) == expected


def test_a_worker_of_a_cluster_that_dies_costs_the_item_it_was_at() -> None:
    pytest.importorskip("distributed")
    assert list(run("dask", [1, 13, 2])) == [2, -13, 4]


def test_a_process_that_dies_while_many_results_wait_holds_up_nothing() -> None:
    items = [13, *range(20, 400)]
    assert list(run("processes", items)) == [-13, *(number * 2 for number in items[1:])]


def test_processes_that_cannot_get_ready_condemn_nothing() -> None:
    with pytest.raises(SurroundingsError) as failure:
        list(run("processes", [1, 2, 3], Fussy()))
    assert failure.value.finding.code == "reader-not-started"
    assert not multiprocessing.active_children()


def test_who_stops_waits_for_nobody() -> None:
    results = run("processes", [1, *[19] * 100])
    assert next(results) == 2
    results.close()  # type: ignore[attr-defined] - a generator
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("name", HERE)
def test_no_more_is_begun_than_can_be_held(name: str) -> None:
    items = Watched(5000)
    results = run(name, items)
    for _ in range(10):
        next(results)
    assert items.taken < 500
    results.close()  # type: ignore[attr-defined] - a generator


@pytest.mark.parametrize(
    ("asked", "items", "chosen"),
    [
        ("auto", 20, "serial"),
        ("auto", 299, "serial"),
        ("auto", 300, "processes"),
        ("auto", 5000, "processes"),
        ("serial", 5000, "serial"),
        ("threads", 20, "threads"),
        ("dask", 1, "dask"),
        ("dask://scheduler:8786", 1, "dask"),
    ],
)
def test_the_engine_follows_from_what_was_asked_for_and_the_amount_of_work(
    monkeypatch: pytest.MonkeyPatch, asked: str, items: int, chosen: str
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    found = engine.choose(asked, items)
    assert found.name == chosen
    assert found.address == ("tcp://scheduler:8786" if "://" in asked else "")


def test_one_core_is_not_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert engine.choose("auto", 5000).name == "serial"


@pytest.mark.parametrize("name", ["fast", "dask:x", ""])
def test_an_engine_that_is_not_there_is_named_with_those_that_are(name: str) -> None:
    with pytest.raises(InputError) as failure:
        engine.choose(name, 1)
    assert failure.value.finding.code == "engine-unknown"
    assert "processes" in failure.value.finding.remedy


def test_a_team_has_the_same_processes_for_every_job() -> None:
    with engine.Team() as team:
        two = engine.Chosen("processes", 2, "")
        first = set(team.map(Asking(), range(20, 60), two))
        assert list(team.map(Doubling(), [1, 20], two)) == [2, 40]
        assert set(team.map(Asking(), range(20, 60), two)) == first
        assert os.getpid() not in first
    assert not multiprocessing.active_children()


class Echo(Doubling):
    """Gives back what it is given, which may be much more than a line between processes holds."""

    def double(self, number: int) -> int:
        return number

    def packed(self, result: int) -> bytes:
        return result.to_bytes(1 << 18, "big")

    def unpacked(self, data: bytes) -> int:
        return int.from_bytes(data, "big")


def test_items_and_results_too_large_for_the_line_between_processes_come_through() -> None:
    items = [number << (8 * 100_000) for number in range(1, 40)]
    assert list(run("processes", items, Echo())) == items


def test_a_team_replaces_who_died_and_does_the_next_job() -> None:
    with engine.Team() as team:
        two = engine.Chosen("processes", 2, "")
        first = list(team.map(Asking(), [*range(20, 40), 13, *range(40, 60)], two))
        assert first.count(-13) == 1
        assert list(team.map(Doubling(), [1, 20, 3], two)) == [2, 40, 6]


def test_a_team_does_without_who_died_between_two_jobs() -> None:
    with engine.Team() as team:
        two = engine.Chosen("processes", 2, "")
        one, *_ = set(team.map(Asking(), range(20, 60), two))
        going = next(child for child in multiprocessing.active_children() if child.pid == one)
        going.kill()
        going.join(30)
        assert list(team.map(Doubling(), range(20, 60), two)) == [number * 2 for number in range(20, 60)]


_KILLED = """
import os, signal
from test_engines import Echo
from kepu_xls import engine
with engine.Team() as team:
    results = team.map(Echo(), range(1, 400), engine.Chosen("processes", 2, ""))
    next(results)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_workers_whose_team_was_killed_end_without_a_word() -> None:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    run = subprocess.run(
        [sys.executable, "-c", _KILLED],
        stderr=subprocess.PIPE,  # is at its end when the last of them has ended
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert (run.returncode, run.stderr) == (-signal.SIGKILL, b"")


def test_a_team_left_in_the_middle_of_a_job_does_the_next_from_the_beginning() -> None:
    with engine.Team() as team:
        two = engine.Chosen("processes", 2, "")
        left = team.map(Doubling(), [1, *[19] * 100], two)
        assert next(left) == 2
        left.close()
        assert not multiprocessing.active_children()
        assert list(team.map(Doubling(), [1, 20, 3], two)) == [2, 40, 6]


@pytest.mark.parametrize(
    ("asked", "items", "chosen"),
    [
        ("auto", 99, "serial"),
        ("auto", 100, "processes"),
        ("serial", 5000, "serial"),
        ("threads", 5000, "serial"),  # they gain nothing by what holds the interpreter
        ("processes", 1, "processes"),
        ("dask", 99, "serial"),  # a cluster does not see the ledger
        ("dask://scheduler:8786", 100, "processes"),
    ],
)
def test_what_needs_the_workspace_is_done_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, asked: str, items: int, chosen: str
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert engine.Team(asked).choose_here(items, worth=100).name == chosen


# ── the same merge ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week's forms in the inbox: good and wrong ones, and files that are none."""
    root = tmp_path_factory.mktemp("ready") / "w"
    small = Small(root, PLAN)
    assert small.kepu("forms", "--period", "2019-W12").code == 0
    good = small.report("2019-W12", "区科协")
    small.report("2019-W12", "区教育局", percent="150")
    small.report("2019-W12", "团区委", unchanged="是")
    inbox = root / "inbox"
    (inbox / "半份.xlsx").write_bytes(good.read_bytes()[:4000])
    (inbox / "空.xlsx").write_bytes(b"")
    (inbox / "网页.xls").write_bytes(b"<html><body>\xe6\xb2\xa1\xe6\x9c\x89</body></html>")
    (inbox / "照片.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    (inbox / "副本.xlsx").write_bytes(good.read_bytes())
    with (inbox / "坏.xls").open("wb") as file:  # a compound file that ends before it begins
        file.write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    return root


def merged(ready: Path, root: Path, name: str) -> tuple[str, list[object], list[str]]:
    """What a merge by an engine comes to: its JSON, the report's detail, the archive."""
    shutil.copytree(ready, root)
    result = kepu("-C", str(root), "merge", "--engine", name, "--json")
    assert result.code == 1, result.err
    detail = openpyxl.load_workbook(result.json["report"])["明细数据"].iter_rows(values_only=True)
    kept = [path for path in (root / "archive").rglob("*") if path.is_file()]
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.stem for path in kept)
    archive = sorted(str(path.relative_to(root)) for path in kept)
    return result.out.replace(str(root), ""), list(detail), archive


@pytest.mark.parametrize("name", ["threads", "processes", "dask"])
def test_a_merge_is_the_same_by_whichever_engine(ready: Path, tmp_path: Path, name: str) -> None:
    if name == "dask":
        pytest.importorskip("distributed")
    assert merged(ready, tmp_path / name, name) == merged(ready, tmp_path / "serial", "serial")


@pytest.mark.parametrize("name", ["serial", "threads", "processes", "dask"])
def test_an_inbox_at_a_url_is_read_by_every_engine_as_one_in_the_workspace(
    ready: Path, tmp_path: Path, name: str
) -> None:
    pytest.importorskip("fsspec")
    if name == "dask":
        pytest.importorskip("distributed")
    far = tmp_path / "far"
    shutil.copytree(ready, tmp_path / "w")
    (tmp_path / "w" / "inbox").rename(far)
    (tmp_path / "w" / "inbox").mkdir()
    config = tmp_path / "w" / "config.toml"
    text = config.read_text("utf-8")
    config.write_text(text.replace('url = ""', f'url = "{far.as_uri()}"', 1), "utf-8")
    shutil.copytree(tmp_path / "w", tmp_path / "moved")
    before = {path.name: path.read_bytes() for path in far.iterdir()}
    out, detail, archive = merged(tmp_path / "moved", tmp_path / "there", name)
    assert (out, detail, archive) == merged(ready, tmp_path / "here", "serial")
    assert {path.name: path.read_bytes() for path in far.iterdir()} == before
    again = kepu("-C", str(tmp_path / "there"), "merge", "--engine", "serial", "--json")
    assert again.json["new_files"] == 0


@pytest.mark.parametrize("name", ["serial", "threads"])
def test_an_inbox_in_memory_is_read_by_the_engines_of_this_process(
    ready: Path, tmp_path: Path, name: str
) -> None:
    fsspec = pytest.importorskip("fsspec")
    shutil.copytree(ready, tmp_path / "w")
    home, memory = Workspace(tmp_path / "w"), fsspec.filesystem("memory")
    for path in home.inbox.iterdir():
        if path.name != "副本.xlsx":  # which of two alike counts, their times tell, and memory has its own
            memory.pipe(f"/{name}/{path.name}", path.read_bytes())
        path.unlink()
    text = home.config.read_text("utf-8")
    home.config.write_text(text.replace('url = ""', f'url = "memory://{name}"', 1), "utf-8")
    with opened(home, datetime.now(), writing=True) as session:  # noqa: DTZ005 - the house's moments are local
        found = merge.merge(session, engine_name=name)
    shutil.copytree(ready, tmp_path / "here")
    (tmp_path / "here" / "inbox" / "副本.xlsx").unlink()
    here = kepu("-C", str(tmp_path / "here"), "merge", "--json").json
    statuses = {file["path"]: file["status"] for file in here["files"]}
    assert {file.path: file.status.value for file in found.files} == statuses
    assert found.entries == here["entries"] > 0


def test_an_inbox_that_cannot_be_reached_is_named(ready: Path, tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    shutil.copytree(ready, tmp_path / "w")
    config = tmp_path / "w" / "config.toml"
    text = config.read_text("utf-8").replace('url = ""', 'url = "nowhere://inbox"', 1)
    config.write_text(text, "utf-8")
    result = kepu("-C", str(tmp_path / "w"), "merge")
    assert result.code == 3
    assert "nowhere://inbox" in result.err


def test_without_fsspec_a_url_is_asked_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(InputError) as failure:
        listed("memory://inbox")
    assert failure.value.finding.code == "inbox-needs-fsspec"


def test_verbose_says_which_engine_and_why(ready: Path, tmp_path: Path) -> None:
    shutil.copytree(ready, tmp_path / "w")
    said: Run = kepu("-C", str(tmp_path / "w"), "merge", "-v")
    assert "读取 9 个文件，方式 " in said.out
    assert "每秒" in said.out
    shutil.rmtree(tmp_path / "w")
    shutil.copytree(ready, tmp_path / "w")
    assert "方式" not in kepu("-C", str(tmp_path / "w"), "merge").out


def test_a_cluster_that_does_not_answer_is_named(
    ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    from kepu_xls.engine import cluster  # noqa: PLC0415 - an extra

    monkeypatch.setattr(cluster, "_PATIENCE", 0.2)
    shutil.copytree(ready, tmp_path / "w")
    with pytest.raises(SurroundingsError) as failure:
        list(run_at("tcp://127.0.0.1:1"))
    assert failure.value.finding.code == "engine-cluster-away"
    assert "127.0.0.1:1" in failure.value.finding.message


def run_at(address: str) -> Iterator[int]:
    return engine.map(Doubling(), [1], engine.Chosen("dask", 0, "", address))


def test_without_the_extra_a_cluster_is_asked_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as failure:
        list(run_at(""))
    assert failure.value.finding.code == "engine-needs-dask"
