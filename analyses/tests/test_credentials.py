"""What lets processes into a cluster of ours."""

import asyncio
import datetime
import tempfile
from pathlib import Path

import pytest
from cryptography import x509
from distributed.core import Server, rpc

from hepbench import credentials


def test_they_hold_whatever_the_clock_of_the_machine_says() -> None:
    certificate = x509.load_pem_x509_certificate(credentials.made()["certificate"].encode())
    assert certificate.not_valid_before_utc == datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    assert certificate.not_valid_after_utc.year == 9999


def test_those_of_another_session_do_not_let_in_and_ours_are_in_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ours, others = credentials.security(credentials.made()), credentials.security(credentials.made())
    assert ours is not None
    assert others is not None

    async def asked(arguments: dict[str, object]) -> object:
        async with rpc(server.address, connection_args=arguments, timeout=5) as there:
            return await there.echo(data="let in")

    async def ask() -> None:
        await server.listen("tls://127.0.0.1:0", **ours.get_listen_args("scheduler"))
        assert await asked(ours.get_connection_args("client")) == "let in"
        with pytest.raises(OSError, match=r"before comm was established|Timed out"):
            await asked(others.get_connection_args("client"))
        await server.close()

    async def echo(data: str) -> str:
        return data

    server = Server({"echo": echo})
    # A folder that is not there (the server would have made it): whoever wanted to write them would fail.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    asyncio.run(ask())
