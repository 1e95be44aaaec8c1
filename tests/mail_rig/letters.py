"""A small message to send or deliver, and the addresses that tests write to."""

from __future__ import annotations

from email.message import EmailMessage

CLERK, ONE, OTHER = "clerk@example.com", "one@example.com", "other@example.com"


def note(subject: str = "第12周", text: str = "请填报。\n") -> EmailMessage:
    """A message of the clerk's to ONE."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, CLERK, ONE
    message.set_content(text)
    return message
