"""`kepu send`, `kepu remind`, `kepu mail …` and `kepu doctor` as users run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from driving import ROOT, Run, kepu
from mail_rig.certificates import Authority
from mail_rig.dovecot import Dovecot
from mail_rig.postfix import UNKNOWN, Postfix
from mail_rig.smtp import SmtpServer, Stage
from mail_rig.troubles import HANG
from sending import ADDRESSES, CLERK, JIAOYU, KEXIE, TUAN, Office, received

HERE = Path(__file__).parent


@pytest.fixture
def root(laid_out: Path, tmp_path: Path) -> Path:
    shutil.copytree(laid_out, tmp_path / "w")
    return tmp_path / "w"


def configure(
    root: Path, port: int, *, security: str = "none", certificates: str = "", host: str = "127.0.0.1"
) -> None:
    """Write the server into config.toml, as a clerk does."""
    path = root / "config.toml"
    text = path.read_text(encoding="utf-8")
    head, smtp, rest = re.split(r"(?=^\[mail\.smtp\]|^\[mail\.imap\])", text, flags=re.MULTILINE)
    head = re.sub(r'(?m)^address = ""', f'address = "{CLERK}"', head)
    head = re.sub(r'(?m)^certificates = ""', f'certificates = "{certificates}"', head)
    smtp = re.sub(r'(?m)^host = ""', f'host = "{host}"', smtp)
    smtp = re.sub(r"(?m)^port = 0", f"port = {port}", smtp)
    smtp = re.sub(r'(?m)^security = "tls"', f'security = "{security}"', smtp)
    smtp = re.sub(r"(?m)^pause = 2", "pause = 0", smtp)
    smtp = re.sub(r"(?m)^timeout = 60", "timeout = 20", smtp)
    path.write_text(head + smtp + rest, encoding="utf-8")


def run(root: Path, *arguments: str, password: str = "", **env: str) -> Run:
    given = {"KEPU_MAIL_PASSWORD": password} if password else {}
    quiet = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    return kepu("-C", str(root), *arguments, env={**quiet, **given, **env})


def letters(ran: Run) -> dict[str, str]:
    return {one["unit"]: one["fate"] for one in ran.json["letters"]}


def test_send_remembers_what_went_and_says_it(root: Path, smtp: SmtpServer) -> None:
    configure(root, smtp.port)
    first = run(root, "send", "--json", password=smtp.password)
    assert first.code == 0, first
    assert letters(first) == {KEXIE: "sent", JIAOYU: "sent", TUAN: "sent"}
    assert first.err == ""
    second = run(root, "send", password=smtp.password)
    assert second.code == 0
    assert second.out.count("以前已发") == 4  # three lines and the sum
    assert max(received(smtp).values()) == 1
    assert smtp.password not in first.out + second.out


def test_a_dry_run_needs_no_server_and_makes_no_file(root: Path, closed_port: int) -> None:
    configure(root, closed_port)
    before = sorted(root.rglob("*"))
    ran = run(root, "send", "--dry-run")
    assert ran.code == 0
    assert "kexie@example.com" in ran.out
    assert "将发送 3" in ran.out
    assert "什么都没有发" in ran.out
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("stage", [Stage.BODY, Stage.TAKEN])
def test_killed_between_the_letter_and_its_answer_it_is_unknown_and_not_sent_again(
    root: Path, smtp: SmtpServer, stage: Stage
) -> None:
    configure(root, smtp.port)
    smtp.trouble(stage, HANG, after=1)
    process = subprocess.Popen(
        [sys.executable, "-m", "kepu_xls", "-C", str(root), "send"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "KEPU_MAIL_PASSWORD": smtp.password},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    smtp.heard.wait_for(lambda heard: heard is stage, times=2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = received(smtp)
    assert (root / ".kepu.lock").exists()
    ran = run(root, "send", "--json", password=smtp.password)
    assert ran.code == 1, ran
    assert sorted(letters(ran).values()) == ["sent", "sent_before", "unknown"]
    unknown = next(unit for unit, fate in letters(ran).items() if fate == "unknown")
    (finding,) = (one for one in ran.json["findings"] if one["code"] == "mail-unknown")
    assert finding["code"] == "mail-unknown"
    assert f"--again {unknown}" in finding["remedy"]
    after = received(smtp)
    assert {address: after[address] for address in before} == before
    again = run(root, "send", "--again", unknown, "--json", password=smtp.password)
    assert letters(again) == {unknown: "sent"}
    assert set(letters(run(root, "send", "--json", password=smtp.password)).values()) == {"sent_before"}


def test_killed_before_the_letter_was_whole_it_is_simply_sent(root: Path, smtp: SmtpServer) -> None:
    configure(root, smtp.port)
    smtp.trouble(Stage.DATA, HANG, after=1)
    process = subprocess.Popen(
        [sys.executable, "-m", "kepu_xls", "-C", str(root), "send"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "KEPU_MAIL_PASSWORD": smtp.password},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    smtp.heard.wait_for(lambda heard: heard is Stage.DATA, times=2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    ran = run(root, "send", "--json", password=smtp.password)
    assert sorted(letters(ran).values()) == ["sent", "sent", "sent_before"]
    assert set(received(smtp).values()) == {1}


def test_ctrl_c_while_the_server_is_silent_is_told_and_safe(root: Path, smtp: SmtpServer) -> None:
    configure(root, smtp.port)
    smtp.trouble(Stage.TAKEN, HANG)
    process = subprocess.Popen(
        [sys.executable, "-m", "kepu_xls", "-C", str(root), "send"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "KEPU_MAIL_PASSWORD": smtp.password},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    smtp.heard.wait_for(lambda heard: heard is Stage.TAKEN)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "已按要求中断" in err
    assert "Traceback" not in err
    ran = run(root, "send", "--json", password=smtp.password)
    assert sorted(letters(ran).values()) == ["sent", "sent", "unknown"]
    assert max(received(smtp).values()) == 1


def test_what_stops_the_sending_is_told_with_the_letters_and_code_3(root: Path, closed_port: int) -> None:
    configure(root, closed_port)
    ran = run(root, "send", "--json")
    assert ran.code == 3
    assert ran.json["stopped"]["code"] == "mail-connection-refused"
    assert set(letters(ran).values()) == {"deferred"}
    plain = run(root, "send")
    assert plain.code == 3
    assert "出错了：" in plain.err
    assert "\n怎么办：" in plain.err
    assert "尚未发出 3" in plain.out


def test_real_postfix_takes_the_letters_and_refuses_whom_it_does_not_know(
    root: Path, mail_server: Postfix, authority: Authority
) -> None:
    Office(root).know(**{TUAN: (UNKNOWN,)})
    configure(
        root,
        mail_server.starttls,
        security="starttls",
        certificates=str(authority.file),
        host=mail_server.host,
    )
    ran = run(root, "send", "--json", password=mail_server.password)
    assert ran.code == 1, ran
    assert letters(ran) == {KEXIE: "sent", JIAOYU: "sent", TUAN: "refused"}
    refused = next(one for one in ran.json["letters"] if one["unit"] == TUAN)
    assert "没有这个邮箱" in refused["answer"]


# ── kepu mail login, kepu mail test ──────────────────────────────────────────────────────────────────


def login(root: Path, typed: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kepu_xls", "-C", str(root), "mail", "login"],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE))), **env},
    )


def test_a_password_goes_into_the_keyring_and_nowhere_else_and_is_used(root: Path, smtp: SmtpServer) -> None:
    configure(root, smtp.port)
    kept = root.parent / "keyring.json"
    env = {"PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring", "TEST_KEYRING": str(kept)}
    ran = login(root, f"{smtp.password}\n", **env)
    assert ran.returncode == 0, ran
    assert CLERK in ran.stdout
    assert smtp.password not in ran.stdout + ran.stderr
    assert json.loads(kept.read_text()) == {f"kepu_xls {CLERK}": smtp.password}
    files = (path for path in root.rglob("*") if path.is_file())
    assert not any(smtp.password.encode() in path.read_bytes() for path in files)
    env["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(HERE)))
    tested = run(root, "mail", "test", **env)
    assert tested.code == 0, tested
    assert CLERK in tested.out
    (taken,) = smtp.taken
    assert taken.recipients == (CLERK,)
    assert taken.login == CLERK
    assert "测试" in taken.message["Subject"]


def test_without_a_keyring_the_environment_is_named(root: Path) -> None:
    configure(root, 1)
    ran = login(root, "secret-code\n", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    assert ran.returncode == 3
    assert "KEPU_MAIL_PASSWORD" in ran.stderr
    assert "secret-code" not in ran.stdout + ran.stderr


def test_login_without_an_address_or_without_a_password_stores_nothing(root: Path) -> None:
    null = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    assert "address" in login(root, "x\n", **null).stderr
    configure(root, 1)
    ran = login(root, "\n", **null)
    assert ran.returncode == 2
    assert "没有输入密码" in ran.stderr


@pytest.mark.parametrize(
    ("stage", "reply", "said"),
    [
        (Stage.AUTH, "535 Error: authentication failed", "授权码"),
        (Stage.MAIL, "553 Mail from must equal authorized user", "address"),
        (Stage.RCPT, "550 5.7.1 refused", "测试邮件"),
        (Stage.DATA, "451 DT:SPM", "DT:SPM"),
        (Stage.BODY, "cut", "断了"),
        (Stage.CONNECT, "554 IP in blacklist", "IP in blacklist"),
    ],
)
def test_mail_test_says_what_failed(
    root: Path, smtp: SmtpServer, stage: Stage, reply: str, said: str
) -> None:
    configure(root, smtp.port)
    smtp.trouble(stage, reply, times=None)
    ran = run(root, "mail", "test", password=smtp.password)
    assert ran.code == 3
    assert said in ran.err
    assert smtp.password not in ran.err
    debugged = subprocess.run(
        [sys.executable, "-m", "kepu_xls", "--debug", "-C", str(root), "mail", "test"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "KEPU_MAIL_PASSWORD": smtp.password},
    )
    assert "Traceback" in debugged.stderr
    assert smtp.password not in debugged.stderr


def test_mail_test_without_a_server_says_where_to_write_it(root: Path) -> None:
    ran = run(root, "mail", "test")
    assert ran.code == 2
    assert "[mail.smtp]" in ran.err


# ── kepu doctor ──────────────────────────────────────────────────────────────────────────────────────


def looked(ran: Run, what: str) -> tuple[bool, str]:
    line = next(one for one in ran.json["lines"] if one["what"] == what)
    return line["good"], line["detail"]


def test_doctor_reaches_the_server_and_logs_in_and_sends_nothing(root: Path, smtp: SmtpServer) -> None:
    configure(root, smtp.port)
    ran = run(root, "doctor", "--json", password=smtp.password)
    assert looked(ran, "发信") == (True, "127.0.0.1 可以连接，可以登录")
    assert looked(ran, "信件模板") == (True, "可以使用")
    assert Stage.AUTH in smtp.heard
    assert Stage.MAIL not in smtp.heard
    good, said = looked(run(root, "doctor", "--json"), "发信")
    assert not good
    assert "kepu mail login" in said


def test_doctor_without_servers_says_what_happens_instead(root: Path) -> None:
    ran = run(root, "doctor", "--json")
    assert looked(ran, "发信") == (True, "没有配置；kepu send 把邮件写成草稿")
    assert looked(ran, "收信")[0]


def test_doctor_on_a_machine_without_network_says_so_and_changes_nothing(
    root: Path, closed_port: int
) -> None:
    configure(root, closed_port)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    good, said = looked(run(root, "doctor", "--json"), "发信")
    assert not good
    assert "不接受连接" in said
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_doctor_names_a_template_with_a_fault(root: Path) -> None:
    path = root / "templates" / "mail" / "mend.txt"
    path.write_text("主题：请修改\n\n{unti}：您好\n", encoding="utf-8")
    good, said = looked(run(root, "doctor", "--json"), "信件模板")
    assert not good
    assert "{unti}" in said


def test_what_a_clerk_sees_is_short_and_a_dry_run_shows_everything(root: Path) -> None:
    dry, drafts = run(root, "send", "--dry-run"), run(root, "send")
    assert dry.code == drafts.code == 0
    assert f"{TUAN}_2019-W12_进展填报表.xlsx" in dry.out
    assert "请填报2019年第12周" in dry.out
    assert f"{TUAN}\t草稿\ttuan@example.com\t{TUAN}.eml" in drafts.out
    assert "可以粘贴到微信" in drafts.out


def test_a_clerk_reads_what_to_do_about_a_letter_that_did_not_go(root: Path, smtp: SmtpServer) -> None:
    configure(root, smtp.port)
    smtp.trouble(Stage.BODY, "cut", times=1)
    Office(root).know(**{JIAOYU: (), TUAN: ()})
    ran = run(root, "send", password=smtp.password)
    assert ran.code == 1
    assert f"--again {KEXIE}" in ran.out
    assert ran.out.count("怎么办：请在任务总表“单位”页填上邮箱后再运行一次") == 1, "once for both"


def test_what_units_are_called_does_nothing_to_a_terminal(root: Path) -> None:
    path = root / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('organiser = "区科协"', r'organiser = "\u001b[31m\u202e"'), encoding="utf-8")
    template = root / "templates" / "mail" / "forms.txt"
    template.write_text("主题：{organiser}{unit}\n\n{unit}\n", encoding="utf-8")
    ran = run(root, "send", "--dry-run")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_remind_on_another_day_says_so_and_is_well(root: Path) -> None:
    ran = run(root, "remind", "--json")  # its cut-off was in 2019
    assert ran.code == 0
    assert [one["code"] for one in ran.json["findings"]] == ["remind-closed"]
    assert ran.json["letters"] == []


@pytest.mark.parametrize("change", range(2, 30, 4))
def test_killed_before_any_change_to_the_disk_nothing_goes_twice_and_what_may_have_gone_is_told(
    root: Path, smtp: SmtpServer, change: int
) -> None:
    configure(root, smtp.port)
    killed = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "killing.py"), str(change), "-C", str(root), "send"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "KEPU_MAIL_PASSWORD": smtp.password},
        capture_output=True,
        check=False,
    )
    assert killed.returncode in (-signal.SIGKILL, 0)  # 0: it makes fewer changes
    fates = letters(run(root, "send", "--json", password=smtp.password))
    got = received(smtp)
    assert max(got.values()) == 1
    assert list(fates.values()).count("unknown") <= 1
    assert all(address in got or fates[unit] == "unknown" for unit in fates for address in ADDRESSES[unit])


def test_doctor_opens_the_folder_that_replies_come_to(
    root: Path, imap_server: Dovecot, closed_port: int
) -> None:
    configure(root, closed_port)
    path = root / "config.toml"
    head, imap = path.read_text(encoding="utf-8").split("[mail.imap]")

    def at_port(port: int) -> None:
        table = imap.replace('host = ""', f'host = "{imap_server.host}"', 1).replace(
            "port = 0", f"port = {port}", 1
        )
        table = table.replace('security = "tls"', 'security = "none"', 1)
        path.write_text(f"{head}[mail.imap]{table}", encoding="utf-8")

    at_port(imap_server.imap)
    good, said = looked(run(root, "doctor", "--json", password=imap_server.password), "收信")
    assert good, said
    assert "INBOX" in said
    assert "还没有存密码" in looked(run(root, "doctor", "--json"), "收信")[1]
    at_port(closed_port)
    good, said = looked(run(root, "doctor", "--json", password=imap_server.password), "收信")
    assert not good
    assert "不接受连接" in said
