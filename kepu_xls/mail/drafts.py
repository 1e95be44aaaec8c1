"""Letters to be sent by hand: a message that opens ready to be sent, and the same text for WeChat."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes, policy
from email.errors import MessageError
from pathlib import Path

from kepu_xls import workspace
from kepu_xls.mail.compose import compose
from kepu_xls.mail.letter import Letter, LetterKind, Sender

_SEAL = re.compile(rb"^X-Kepu-Seal: ([0-9a-f]{64})\r\n", re.MULTILINE)
_KIND = re.compile(rb"^X-Kepu-Letter: (\w+) ", re.MULTILINE)


def write_draft(letter: Letter, sender: Sender, path: Path) -> None:
    """Write the message to ``path`` (.eml), and its text beside it (.txt); the same letter, the same bytes.

    Raises SurroundingsError where they cannot be written.
    """
    message = compose(letter, sender, unsent=True)
    seal = f"X-Kepu-Seal: {hashlib.sha256(message).hexdigest()}\r\n".encode()
    workspace.write_bytes(path, message.replace(b"X-Unsent:", seal + b"X-Unsent:", 1))
    workspace.write_bytes(path.with_suffix(".txt"), _for_wechat(letter.subject, letter.text))


def _for_wechat(subject: str, text: str) -> bytes:
    """Give subject and text as Notepad of any Windows opens them."""
    return f"{subject}\n\n{text}".replace("\n", "\r\n").encode("utf-8-sig")


def clear(folder: Path, kind: LetterKind, keep: set[Path]) -> None:
    """Take away our own drafts of that kind that are not among ``keep``, and their texts.

    What somebody has saved since, sent or not, is never taken away.
    """
    for path in sorted(folder.glob("*.eml")):
        if path in keep:
            continue
        with workspace.failures_explained(path):
            said = _said(path.read_bytes(), kind)
            beside = path.with_suffix(".txt")
            if said is not None:
                path.unlink()
                if beside.is_file() and beside.read_bytes() == said:
                    beside.unlink()


def _said(message: bytes, kind: LetterKind) -> bytes | None:
    """Give the text that was written beside a draft; None for what is not ours, or not as we wrote it."""
    seal, of_kind = _SEAL.search(message), _KIND.search(message)
    if seal is None or of_kind is None or of_kind[1].decode() != kind.value:
        return None
    if hashlib.sha256(_SEAL.sub(b"", message, count=1)).hexdigest() != seal[1].decode():
        return None
    try:
        parsed = message_from_bytes(message, policy=policy.default)
        body = parsed.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
    except (MessageError, LookupError, ValueError):
        return None
    return _for_wechat(str(parsed["Subject"]), text.replace("\r\n", "\n"))
