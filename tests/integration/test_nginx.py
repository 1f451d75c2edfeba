"""The proxy before the gateway: who gets through, and what everybody is told."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import crossplane
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.config import read_settings
from gateway.http.koppen import HSTS, KOPPEN
from gateway.network.ggk.dienst import ADRES
from tests.integration.berichten import PROJECT, comes_true
from tests.servers import free_port

NGINX = PROJECT / "deploy" / "nginx"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of nginx that takes in ours, with the certificates that it names."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "gateway").mkdir()
    for file in NGINX.iterdir():
        text = file.read_text(encoding="utf-8").replace("/etc/nginx", str(folder))
        place = folder if file.name == "gateway.conf" else folder / "gateway"
        (place / file.name).write_text(text, encoding="utf-8")
    text = (folder / "gateway.conf").read_text(encoding="utf-8")
    for path in re.findall(rf"{folder}/gateway/(\w+)\.key", text):
        _certificate(folder / "gateway", path, _name("gateway"))
    _authority(folder / "gateway")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    main = f"pid {folder}/pid;\nerror_log {folder}/log;\nevents {{}}\n"
    main += f"http {{ access_log off; {places} include {folder}/gateway.conf; }}\n"
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    return folder / "nginx.conf"


OIN = "00000001234567890000"
NOW = datetime.now(UTC)
DAYS = timedelta(days=2)


def _name(common: str, oin: str = "") -> x509.Name:
    told = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    return x509.Name(told + [x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)] * bool(oin))


def _certificate(
    folder: Path, file: str, name: x509.Name, signer: ec.EllipticCurvePrivateKey | None = None
) -> ec.EllipticCurvePrivateKey:
    """A certificate and its key, of the authority with this key or of itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer, number = (_name("proef") if signer else name), x509.random_serial_number()
    made = x509.CertificateBuilder(issuer, name, key.public_key(), number, NOW - DAYS, NOW + DAYS)
    made = made.add_extension(x509.BasicConstraints(signer is None, None), critical=True)
    body = made.sign(signer or key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / f"{file}.pem").write_bytes(body)
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / f"{file}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *kind))
    return key


def _authority(folder: Path) -> None:
    """Who signs for the message network, what it took back, and who come with a certificate."""
    key = _certificate(folder, "netwerk-ca", _name("proef"))
    withdrawn = x509.CertificateRevocationListBuilder(_name("proef"), NOW - DAYS, NOW + DAYS)
    body = withdrawn.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "netwerk-crl.pem").write_bytes(body)
    _certificate(folder, "genoemd", _name("netwerk", OIN), key)
    _certificate(folder, "ander", _name("ander", OIN[:-1] + "1"), key)
    _certificate(folder, "vreemd", _name("netwerk", OIN))


def _nginx() -> str:
    # It stands where only an administrator looks.
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is er niet op deze machine")
    return program


def test_nginx_takes_the_configuration(proxy: Path) -> None:
    done = subprocess.run(
        [_nginx(), "-t", "-c", proxy], capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr


def _parsed(proxy: Path, *, strict: bool = False) -> Any:
    return crossplane.parse(str(proxy), strict=strict, combine=True)


def _blocks(parsed: Any, name: str) -> Iterator[Any]:
    """Every block of a name, wherever it stands."""

    def within(directives: Any) -> Iterator[Any]:
        for one in directives:
            if one["directive"] == name:
                yield one
            yield from within(one.get("block", ()))

    yield from within(parsed["config"][0]["parsed"])


def _of(server: Any, name: str) -> list[list[str]]:
    return [one["args"] for one in server["block"] if one["directive"] == name]


def test_every_directive_stands_where_it_may_with_what_it_takes(proxy: Path) -> None:
    parsed = _parsed(proxy)
    # Of nginx 1.19, which the parser is older than; and the rows of a map are words of our own.
    newer = ("ssl_reject_handshake",)
    rows = {one["directive"] for block in _blocks(parsed, "map") for one in block["block"]}
    assert rows
    unknown = re.compile(r'unknown directive "(.+)" in ')
    assert [] == parsed["errors"]
    for error in _parsed(proxy, strict=True)["errors"]:
        found = unknown.match(error["error"])
        assert found is not None, error
        assert found[1] in {*newer, *rows}, error


def test_every_file_that_is_named_is_told_on_the_page(proxy: Path) -> None:
    page = (PROJECT / "docs" / "systemd.md").read_text(encoding="utf-8")
    for file in NGINX.iterdir():
        assert f"`{file.name}`" in page
        for name in re.findall(r"/etc/nginx/gateway/([\w.-]+)", file.read_text(encoding="utf-8")):
            assert f"`{name}`" in page, name


def _places(server: Any) -> dict[str, Any]:
    """The locations of a server by their path."""
    return {one["args"][-1]: one for one in server["block"] if one["directive"] == "location"}


def _all(block: Any) -> set[str]:
    """What a block says, with what it takes in."""
    told = {one["directive"] for one in block["block"]}
    included = {name for (path,) in _of(block, "include") for name in _told_by(Path(path))}
    return told | included


def _told_by(file: Path) -> set[str]:
    (config,) = crossplane.parse(str(file), single=True)["config"]
    return {one["directive"] for one in config["parsed"]}


def test_envelopes_come_in_by_a_certificate_only_and_as_often_as_they_like(proxy: Path) -> None:
    limits = {"limit_req", "limit_conn"}
    servers = [one for one in _blocks(_parsed(proxy), "server") if "block" in one]
    (network,) = (one for one in servers if _of(one, "ssl_verify_client"))
    (pages,) = (one for one in servers if "/healthz" in _places(one))
    assert [["404"]] == _of(_places(pages)["/ggk/"], "return")
    assert ADRES.startswith("/ggk/")
    assert "proxy_pass" in _all(_places(network)[ADRES])
    assert not limits & (_all(network) | _all(_places(network)[ADRES]))
    assert limits <= _all(pages)
    assert limits <= _all(_places(network)["/api/v1/"])


def test_the_network_needs_a_certificate_of_somebody_who_is_named(proxy: Path) -> None:
    servers = list(_blocks(_parsed(proxy), "server"))
    (network,) = (one for one in servers if "block" in one and _of(one, "ssl_verify_client"))
    assert ([["on"]], [["8443", "ssl"]]) == (
        _of(network, "ssl_verify_client"),
        _of(network, "listen"),
    )
    places = _places(network)
    assert [["404"]] == _of(places["/"], "return")
    assert {"/", "/api/v1/", ADRES} == set(places)
    (allowed,) = _blocks(_parsed(proxy), "map")
    pattern = next(one["directive"] for one in allowed["block"] if one["args"] == ["1"])
    named = re.compile(pattern.removeprefix("~"))
    assert named.search("CN=netwerk.nl,serialNumber=00000001234567890000,O=Netwerk,C=NL")
    assert not named.search("CN=netwerk.nl,serialNumber=100000001234567890000,O=Netwerk,C=NL")
    assert not named.search("CN=serialNumber\\=00000001234567890000,O=Ander,C=NL")


def test_no_header_comes_twice_and_what_nginx_adds_is_what_we_send(proxy: Path) -> None:
    ours = dict([*KOPPEN, HSTS])
    parsed = _parsed(proxy)
    added = {tuple(one["args"][:2]) for one in _blocks(parsed, "add_header")}
    hidden = {one["args"][0] for one in _blocks(parsed, "proxy_hide_header")}
    assert {name: ours[name] for name in hidden} == dict(added)


def test_what_is_as_large_as_may_be_comes_through(proxy: Path) -> None:
    sizes = {one["args"][0] for one in _blocks(_parsed(proxy), "client_max_body_size")}
    assert {"26m"} == sizes
    assert read_settings({}).bytecap < 26 * 1024 * 1024


# --- The proxy at work ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def at_work(proxy: Path) -> Iterator[Callable[..., tuple[int, dict[str, str]]]]:
    """Asks a running nginx with our configuration, on ports of its own, before a stand-in."""
    program = _nginx()
    ports = {name: free_port() for name in ("8443", "443", "80", "8080")}
    text = (proxy.parent / "gateway.conf").read_text(encoding="utf-8")
    for name in ("8443", "443", "80"):
        text = re.sub(rf"listen {name}\b", f"listen 127.0.0.1:{ports[name]}", text)
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{ports['8080']}")
    (proxy.parent / "werk.conf").write_text(text, encoding="utf-8")
    main = proxy.read_text(encoding="utf-8").replace("/gateway.conf", "/werk.conf")
    own = proxy.with_name("werk-nginx.conf")
    own.write_text(main, encoding="utf-8")
    behind = ThreadingHTTPServer(("127.0.0.1", ports["8080"]), _Behind)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    words = [program, "-c", own, "-g", "daemon off; master_process off;"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(
        name: str,
        port: str,
        path: str,
        certificate: str | None = None,
        *,
        times: int = 1,
        **headers: str,
    ) -> tuple[int, dict[str, str]]:
        """The worst of so many answers on one connection."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if certificate is not None:
            own = proxy.parent / "gateway" / certificate
            context.load_cert_chain(f"{own}.pem", f"{own}.key")
        connection = _Named(name, ports[port], context)
        try:
            told = []
            for _ in range(times):
                connection.request("POST" if path == ADRES else "GET", path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                told.append((answer.status, dict(answer.getheaders())))
            return max(told, key=lambda one: one[0])
        finally:
            connection.close()

    try:
        assert comes_true(lambda: _listens(ports["443"]), 10)
        yield ask
    finally:
        process.terminate()
        process.wait(10)
        behind.shutdown()
        behind.server_close()


class _Behind(BaseHTTPRequestHandler):
    """Stands in for the gateway: tells back what it was asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header(*HSTS)
        for name in ("Host", "X-Forwarded-For", "X-Forwarded-Proto"):
            self.send_header(f"Seen-{name}", self.headers.get(name, ""))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Named(HTTPSConnection):
    """A connection to this machine that asks for another name."""

    def __init__(self, name: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(name, port, timeout=10)
        self.own = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.sock = self.own.wrap_socket(plain, server_hostname=self.host)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


PAGES, NETWORK = ("gateway.gemeente.nl", "443"), ("netwerk.gateway.gemeente.nl", "8443")


def test_a_visitor_does_not_say_himself_where_he_comes_from(at_work: Any) -> None:
    status, told = at_work(
        *PAGES, "/", **{"X-Forwarded-For": "10.1.2.3", "Host": "gateway.gemeente.nl"}
    )
    assert (200, "127.0.0.1", "https", "gateway.gemeente.nl") == (
        status,
        told["Seen-X-Forwarded-For"],
        told["Seen-X-Forwarded-Proto"],
        told["Seen-Host"],
    )
    assert HSTS[1] == told["Strict-Transport-Security"]


def test_probes_and_other_names_get_no_answer(at_work: Any) -> None:
    assert [404, 404] == [at_work(*PAGES, path)[0] for path in ("/healthz", "/readyz")]
    with pytest.raises(ssl.SSLError):
        at_work("iets.anders.nl", "443", "/")


def test_the_network_comes_in_by_its_own_certificate_and_nobody_else(at_work: Any) -> None:
    path = "/api/v1/berichten"
    assert 400 == at_work(*NETWORK, path)[0]
    assert 400 == at_work(*NETWORK, path, "vreemd")[0]
    assert 403 == at_work(*NETWORK, path, "ander")[0]
    assert 200 == at_work(*NETWORK, path, "genoemd")[0]
    assert 404 == at_work(*NETWORK, "/", "genoemd")[0]


def test_an_envelope_needs_the_certificate_of_the_network(at_work: Any) -> None:
    assert 404 == at_work(*PAGES, ADRES)[0]
    assert 404 == at_work(*PAGES, ADRES, Host=NETWORK[0])[0]
    assert 400 == at_work(*NETWORK, ADRES)[0]
    assert 403 == at_work(*NETWORK, ADRES, "ander")[0]
    assert 200 == at_work(*NETWORK, ADRES, "genoemd")[0]
    # However its name is written.
    assert 404 == at_work(*PAGES, "/%67gk//ontvang")[0]


def test_a_day_of_envelopes_comes_in_at_once(at_work: Any) -> None:
    burst = 300
    assert 200 == at_work(*NETWORK, ADRES, "genoemd", times=burst)[0]
    assert 429 == at_work(*NETWORK, "/api/v1/berichten", "genoemd", times=burst)[0]
