"""The units for a machine of one's own: right by the program that reads them."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import verbinding_of
from gateway.config import PREFIX, SECRETS, Settings, read_settings
from tests.integration.berichten import PROJECT, run
from tests.monitoring import targets_in

UNITS = PROJECT / "deploy" / "systemd"
SHARED = UNITS / "gateway-.service.d" / "10-beperkt.conf"
SERVICES = sorted(UNITS.glob("*.service"))
PROGRAM = "/opt/gateway/bin/gateway"
SETTINGS = {PREFIX + name.upper() for name in Settings.__struct_fields__}
FILES = {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
# A worker has one digit.
NUMBERS = range(1, 10)
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
    # A store that got another key is opened with those before it too; its bytes are enciphered.
    assert {"bsn_sleutel", "bsn_sleutel_vorige", "kluis"} <= credentials


def test_only_who_needs_all_rows_or_makes_tables_is_their_owner() -> None:
    owners = {one.stem for one in SERVICES if "geheimen/eigenaar" in one.read_text("utf-8")}
    assert {"gateway-migrate", "gateway-backup"} == owners


def test_the_example_has_settings_that_exist() -> None:
    text = (UNITS / "gateway.env.voorbeeld").read_text(encoding="utf-8")
    given = dict(re.findall(r"^(\w+)=(.*)$", text, re.M))
    assert set(given) <= SETTINGS
    # What goes to an archive is not removed: nobody has one without asking for it.
    settings = read_settings(given)
    assert (None, None) == (settings.archief_na, verbinding_of(settings))


def test_what_keeps_on_tells_its_figures_on_a_port_of_its_own() -> None:
    ports = {
        one.stem.removeprefix("gateway-"): _environment(one).get("GATEWAY_METRICS_PORT")
        for one in SERVICES
    }
    told = {name: port for name, port in ports.items() if port is not None}
    assert {"relay", "web", "worker@"} == set(told)
    # The file that all units share wins over a unit: there it would be one port for everybody.
    assert "GATEWAY_METRICS_PORT" not in (UNITS / "gateway.env.voorbeeld").read_text("utf-8")
    workers = [told["worker@"].replace("%i", number) for number in ("1", "2")]
    places = {"relay": [told["relay"]], "web": [told["web"]], "worker": workers}
    assert {
        name: [f"127.0.0.1:{port}" for port in given] for name, given in places.items()
    } == targets_in("prometheus-systemd.yml")
    taken = [told["relay"], told["web"], *(told["worker@"].replace("%i", str(n)) for n in NUMBERS)]
    assert len(taken) == len({read_settings({"GATEWAY_METRICS_PORT": one}) for one in taken})


def test_the_network_gets_its_certificate_as_a_secret_of_the_relay(units: Path) -> None:
    file = UNITS / "netwerk.conf"
    given = _environment(file)
    names = {"ggk_certificaat", "ggk_sleutel", "ggk_ca"}
    assert {f"GATEWAY_{name.upper()}": f"%d/{name}" for name in names} == given
    assert {f"{name}:/etc/gateway/geheimen/{name}" for name in names} == set(
        _values(file, "LoadCredential")
    )
    own = units / "gateway-relay.service.d"
    own.mkdir()
    shutil.copy(file, own / "20-netwerk.conf")
    done = _analyze(units, "verify", units / "gateway-relay.service")
    shutil.rmtree(own)
    assert (0, "") == (done.returncode, done.stdout + done.stderr)
    page = (PROJECT / "docs" / "systemd.md").read_text(encoding="utf-8")
    assert "deploy/systemd/netwerk.conf /etc/systemd/system/gateway-relay.service.d/" in page


def test_what_has_had_its_time_goes_every_night() -> None:
    (line,) = _values(UNITS / "gateway-retention.service", "ExecStart")
    assert line.endswith(" retention run --apply")
    timer = (UNITS / "gateway-retention.timer").read_text(encoding="utf-8")
    assert "OnCalendar=*-*-* " in timer


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
