"""The units and the proxy for a machine of one's own: right by the programs that read them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import crossplane
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.config import PREFIX, SECRETS, Settings, read_settings
from gateway.http.koppen import HSTS, KOPPEN
from tests.integration.berichten import PROJECT, run

UNITS = PROJECT / "deploy" / "systemd"
NGINX = PROJECT / "deploy" / "nginx"
SHARED = UNITS / "gateway-.service.d" / "10-beperkt.conf"
SERVICES = sorted(UNITS.glob("*.service"))
PROGRAM = "/opt/gateway/bin/gateway"
SETTINGS = {PREFIX + name.upper() for name in Settings.__struct_fields__}
FILES = {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
# In tenths, as `--threshold` has it: what is left is that it has a network.
EXPOSED_AT_MOST = 15

Capture = pytest.CaptureFixture[str]


class _Every(dict[str, Any]):
    """Keeps every value of a name that comes more often."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and key in self:
            self[key].extend(value)
        else:
            super().__setitem__(key, value)


def _values(file: Path, name: str) -> list[str]:
    """All values of a name in the section Service of a unit."""
    parser = RawConfigParser(strict=False, dict_type=_Every, interpolation=None)
    parser.optionxform = str
    parser.read_string(file.read_text(encoding="utf-8"))
    return parser.get("Service", name, fallback="").split("\n")


def _environment(file: Path) -> dict[str, str]:
    words = " ".join(_values(file, "Environment")).split()
    return dict(word.split("=", 1) for word in words)


# --- The units --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units, with a program that is on every machine in the place of ours."""
    folder = tmp_path_factory.mktemp("systemd") / "units"
    shutil.copytree(UNITS, folder)
    for file in folder.glob("*.service"):
        text = file.read_text(encoding="utf-8")
        assert 1 == text.count(PROGRAM)
        file.write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    return folder


def _analyze(units: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is er niet op deze machine")
    return subprocess.run(
        [program, *words],
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_systemd_knows_every_unit_and_every_word(units: Path) -> None:
    files = [one for one in units.iterdir() if one.suffix in (".service", ".timer", ".target")]
    done = _analyze(units, "verify", *files)
    assert (0, "") == (done.returncode, done.stdout + done.stderr)


def test_a_word_that_systemd_does_not_know_is_told(units: Path, tmp_path: Path) -> None:
    """Shows that the test above can fail."""
    wrong = tmp_path / "wrong.service"
    wrong.write_text("[Service]\nExecStart=/bin/true\nRestrat=always\n", encoding="utf-8")
    assert "Restrat" in _analyze(units, "verify", wrong).stderr


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.stem)
def test_no_unit_may_do_more_than_it_needs(service: Path, units: Path) -> None:
    limit = f"--threshold={EXPOSED_AT_MOST}"
    done = _analyze(units, "security", "--offline=true", limit, units / service.name)
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.stem)
def test_every_unit_is_a_command_with_settings_that_exist(service: Path, capsys: Capture) -> None:
    (line,) = _values(service, "ExecStart")
    program, *words = line.split()
    assert PROGRAM == program
    assert 0 == run([*words, "--help"])
    given = _environment(service) | _environment(SHARED)
    assert set(given) <= SETTINGS | FILES
    loaded = _values(service, "LoadCredential") + _values(SHARED, "LoadCredential")
    credentials = {name for name, _, _ in (one.partition(":") for one in loaded)}
    asked = {value.removeprefix("%d/") for name, value in given.items() if name in FILES}
    assert credentials == asked


def test_only_who_needs_all_rows_or_makes_tables_is_their_owner() -> None:
    owners = {one.stem for one in SERVICES if "geheimen/eigenaar" in one.read_text("utf-8")}
    assert {"gateway-migrate", "gateway-backup"} == owners


def test_the_example_has_settings_that_exist() -> None:
    text = (UNITS / "gateway.env.voorbeeld").read_text(encoding="utf-8")
    given = dict(re.findall(r"^(\w+)=(.*)$", text, re.M))
    assert set(given) <= SETTINGS
    assert 12 == read_settings(given).archief_na


def test_every_unit_is_told_on_the_page_and_every_one_that_is_turned_on_can_be() -> None:
    page = (PROJECT / "docs" / "systemd.md").read_text(encoding="utf-8")
    for file in (*SERVICES, *UNITS.glob("*.timer")):
        if not file.with_suffix(".timer").exists() or file.suffix == ".timer":
            assert f"| `{file.name.removesuffix('.service').replace('@', '@1')}`" in page, file
    for line in re.findall(r"^systemctl enable --now (.+)$", page, re.M):
        for name in line.split():
            unit = re.sub(r"@\d+", "@", name if "." in name else f"{name}.service")
            assert "[Install]" in (UNITS / unit).read_text(encoding="utf-8"), name


def test_what_a_timer_starts_is_there() -> None:
    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service") in SERVICES


# --- The proxy --------------------------------------------------------------------------------


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
        _certificate(folder / "gateway", path)
    _authority(folder / "gateway")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    main = f"pid {folder}/pid;\nerror_log {folder}/log;\nevents {{}}\n"
    main += f"http {{ access_log off; {places} include {folder}/gateway.conf; }}\n"
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    return folder / "nginx.conf"


NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proef")])
NOW = datetime.now(UTC)
DAYS = timedelta(days=2)


def _certificate(folder: Path, name: str) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateBuilder(
        NAME, NAME, key.public_key(), x509.random_serial_number(), NOW - DAYS, NOW + DAYS
    ).sign(key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, *kind)
    (folder / f"{name}.key").write_bytes(private)
    return key


def _authority(folder: Path) -> None:
    """Who signs for the message network, and what it took back."""
    key = _certificate(folder, "netwerk-ca")
    withdrawn = x509.CertificateRevocationListBuilder(NAME, NOW - DAYS, NOW + DAYS)
    body = withdrawn.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "netwerk-crl.pem").write_bytes(body)


def test_nginx_takes_the_configuration(proxy: Path) -> None:
    # It stands where only an administrator looks.
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is er niet op deze machine")
    done = subprocess.run([program, "-t", "-c", proxy], capture_output=True, text=True, check=False)
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


def test_the_network_needs_a_certificate_of_somebody_who_is_named(proxy: Path) -> None:
    servers = list(_blocks(_parsed(proxy), "server"))
    (network,) = (one for one in servers if "block" in one and _of(one, "ssl_verify_client"))
    assert ([["on"]], [["8443", "ssl"]]) == (
        _of(network, "ssl_verify_client"),
        _of(network, "listen"),
    )
    places = {one["args"][0]: one for one in network["block"] if one["directive"] == "location"}
    assert [["404"]] == _of(places["/"], "return")
    assert {"/", "/api/v1/"} == set(places)
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
