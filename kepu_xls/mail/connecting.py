"""Reaching a mail server: the certificates to trust, and in words why it could not be reached."""

from __future__ import annotations

import errno
import socket
import ssl
from pathlib import Path

from kepu_xls.errors import InputError, SurroundingsError

_EXPIRED, _NOT_YET, _OTHER_HOST, _OTHER_ADDRESS = 10, 9, 62, 64
"""OpenSSL's numbers of what is wrong with a certificate (X509_V_ERR_…)."""

_NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


def trusting(folder: Path, certificates: str) -> ssl.SSLContext:
    """Give what verifies a server: the system's authorities, and those in a PEM file of one's own, if named.

    Raises InputError where that file, as seen from ``folder``, cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if certificates:
        path = folder / certificates
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError) as error:
            raise InputError("mail-certificates-unreadable", path=path) from error
    return context


def unreached(error: Exception, host: str, port: int) -> SurroundingsError:
    """Say why a server could not be reached, from what the socket, TLS or the mail library raised."""
    return SurroundingsError(_code(error), host=host, port=port, detail=_detail(error))


_CODES = (
    (ssl.SSLEOFError, "mail-connection-cut"),
    (ssl.SSLError, "mail-not-tls"),
    (socket.gaierror, "mail-host-unknown"),
    (UnicodeError, "mail-host-unknown"),
    (ConnectionRefusedError, "mail-connection-refused"),
    (TimeoutError, "mail-timeout"),
)


def _code(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _wrong_certificate(error.verify_code)
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    if isinstance(error, OSError) and error.errno in _NO_NETWORK:
        return "mail-offline"
    behind = error.__cause__ or error.__context__
    return _code(behind) if behind is not None else "mail-connection-cut"


def _wrong_certificate(number: int) -> str:
    if number in (_OTHER_HOST, _OTHER_ADDRESS):
        return "mail-certificate-host"
    return "mail-certificate-expired" if number in (_EXPIRED, _NOT_YET) else "mail-certificate-unknown"


def _detail(error: Exception) -> str:
    return str(error) or type(error).__name__
