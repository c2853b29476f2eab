"""What lets a process into a cluster that we make: one key and its certificate, made anew for each session.

Whoever reaches a Dask scheduler without them runs code as its user, and loopback is open to all users of a machine. The
scheduler makes them and hands them to `bench` through its standard output; workers and client get them through their
standard input. They are in no argument, environment variable, log or file.
"""

import datetime
import json
import os
from typing import TYPE_CHECKING, TypedDict

from hepbench.lifetime import first_line

if TYPE_CHECKING:
    from distributed import Security


class Credentials(TypedDict):
    """PEM texts. The certificate has signed itself, and is the authority that all processes of the session trust."""

    certificate: str
    key: str


def made() -> Credentials:
    """A new pair. It holds whatever the clock of the machine says, so that one that is set does not end a session."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hepbench session")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(1970, 1, 1))
        .not_valid_after(datetime.datetime(9999, 12, 31))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return {
        "certificate": certificate.public_bytes(pem).decode(),
        "key": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode(),
    }


def security(credentials: Credentials | None) -> "Security | None":
    """Dask's form of them, for all roles; None, where there are none, leaves connections open to everybody."""
    from distributed import Security

    if credentials is None:
        return None
    # Python reads both from files only. Dask would write some, which stay if the process ends just then.
    memory = os.memfd_create("credentials")
    os.write(memory, (credentials["certificate"] + credentials["key"]).encode())
    pair = f"/proc/self/fd/{memory}"
    roles = ("client", "scheduler", "worker")
    return Security(
        require_encryption=True,
        tls_ca_file=credentials["certificate"],
        **{f"tls_{role}_{part}": pair for role in roles for part in ("cert", "key")},
    )


def given() -> Credentials:
    """Those in the first line of standard input."""
    return json.loads(first_line())
