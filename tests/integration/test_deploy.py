"""The compose file is right, and its roles and TLS work on servers of our own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from gateway.bootstrap import broker_of, verbinding_of
from gateway.broker.connection import Broker, failures_of
from gateway.config import MIN_KEY_LENGTH, PREFIX, SECRETS, Settings, read_settings
from gateway.errors import WrongUse
from gateway.store.bsn import read_earlier
from tests import postgres, rabbitmq
from tests.integration.berichten import (
    CODE,
    PROJECT,
    comes_true,
    command,
    made,
    own_environment,
)
from tests.monitoring import targets_in
from tests.servers import FILES, Server, free_port, own_postgres, own_rabbitmq

DEPLOY = PROJECT / "deploy"
CONTAINERFILE = DEPLOY / "Containerfile"
OURS = ("migrate", "relay", "worker", "web", "backup", "retention", "archive")
# These keep on; the others do one thing and end.
LASTING = {"relay", "worker", "web"}
DAYS = "2"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


# --- The compose file -------------------------------------------------------------------------


def test_every_service_of_ours_is_a_command_with_settings_that_exist(
    compose: dict[str, Any],
) -> None:
    settings = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    settings |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    services = compose["services"]
    assert {*OURS, "postgresql", "rabbitmq"} == set(services)
    for name in OURS:
        service = services[name]
        assert "ijw-iwmo-gateway" == service["image"]
        assert name == service["command"][0]
        plain = [DAYS if word.startswith("$") else word for word in service["command"]]
        assert 0 == command(*plain, "--help").returncode
        assert set(service["environment"]) <= settings
        # A store that got another key is opened with those before it too.
        keys = {"GATEWAY_BSN_SLEUTEL_FILE", "GATEWAY_BSN_SLEUTEL_VORIGE_FILE"}
        assert keys <= set(service["environment"])
        for value in service["environment"].values():
            if value.startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_nobody_writes_beside_what_he_is_given(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        assert (True, ["/tmp:size=1g"]) == (service["read_only"], service["tmpfs"])
        assert (["ALL"], ["no-new-privileges:true"]) == (
            service["cap_drop"],
            service["security_opt"],
        )


def test_what_has_had_its_time_goes_when_somebody_asks(compose: dict[str, Any]) -> None:
    services = compose["services"]
    asked = {name: one["profiles"] for name, one in services.items() if "profiles" in one}
    assert {name: [name] for name in ("web", "backup", "retention", "archive")} == asked
    assert LASTING == {name for name in OURS if "no" != services[name]["restart"]}
    assert ["retention", "run", "--apply"] == services["retention"]["command"]
    assert ["archive", "make", "--out", "/archief"] == services["archive"]["command"]
    # What goes to an archive is not removed: both have to know of it.
    for name in ("retention", "archive"):
        assert "GATEWAY_ARCHIEF_NA" in services[name]["environment"]
    page = (PROJECT / "docs" / "container.md").read_text(encoding="utf-8")
    for name in asked:
        assert f"| `{name}` |" in page
    for name in ("backup", "retention", "archive"):
        assert f"run --rm {name}\n" in page


def test_prometheus_misses_every_process_that_stops(compose: dict[str, Any]) -> None:
    """The name of a container that stopped leads nowhere; its line here stays."""
    example = (DEPLOY / ".env.voorbeeld").read_text(encoding="utf-8")
    (workers,) = re.findall(r"^WORKERS=(\d+)$", example, re.M)
    ports = {
        name: int(compose["services"][name]["environment"]["GATEWAY_METRICS_PORT"])
        for name in LASTING
    }
    expected = {name: [f"{name}:{port}"] for name, port in ports.items()}
    expected["worker"] = [f"worker:{ports['worker'] + place}" for place in range(int(workers))]
    assert expected == targets_in("prometheus.yml")


def test_only_the_relay_has_the_key_for_the_network(compose: dict[str, Any]) -> None:
    files = {"ggk_certificaat", "ggk_sleutel", "ggk_ca"}
    having = {name for name in OURS if files & set(compose["services"][name]["secrets"])}
    assert {"relay"} == having
    relay = compose["services"]["relay"]
    assert files <= set(relay["secrets"])
    settings = {f"GATEWAY_{name.upper()}" for name in files} | {"GATEWAY_GGK_URL"}
    assert settings <= set(relay["environment"])
    # Without an address in .env there is no network, as in the example.
    example = (DEPLOY / ".env.voorbeeld").read_text(encoding="utf-8")
    given = dict(re.findall(r"^(\w+)=(.*)$", example, re.M))
    assert verbinding_of(read_settings({name: given[name] for name in settings})) is None
    for name in files:
        assert f"/run/secrets/{name}" in example


def test_every_service_waits_for_what_it_needs(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        for other, how in service.get("depends_on", {}).items():
            healthy = how["condition"] == "service_healthy"
            assert healthy == ("healthcheck" in services[other])
    assert {"postgresql"} == set(services["migrate"]["depends_on"])
    assert {"migrate", "rabbitmq"} == set(services["worker"]["depends_on"])


def test_only_who_needs_all_rows_or_makes_tables_is_their_owner(compose: dict[str, Any]) -> None:
    owners = {name for name in OURS if "eigenaar" in compose["services"][name]["secrets"]}
    assert {"migrate", "backup"} == owners


def test_every_volume_file_and_secret_of_the_compose_file_is_there(
    compose: dict[str, Any], secrets: Path
) -> None:
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            own = source in ("./overeenkomsten", "./back-ups", "./archief")
            assert own or source in compose["volumes"] or (DEPLOY / source).exists(), source
    files = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    empty = {name for name in files if not (secrets / name).read_text(encoding="utf-8")}
    assert {"bsn_sleutel_vorige", "ggk_certificaat", "ggk_sleutel", "ggk_ca"} == empty
    build = compose["x-gateway"]["build"]
    assert CONTAINERFILE == (DEPLOY / build["context"] / build["dockerfile"]).resolve()


def test_the_example_gives_every_variable_that_the_compose_file_asks_for() -> None:
    asked = re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    example = (DEPLOY / ".env.voorbeeld").read_text(encoding="utf-8")
    assert set(asked) == set(re.findall(r"^(\w+)=", example, re.M))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "geheimen"
    subprocess.run(["sh", DEPLOY / "geheimen.sh", folder], check=True)
    return folder


def test_no_secret_is_made_twice(secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    subprocess.run(["sh", DEPLOY / "geheimen.sh", secrets], check=True)
    assert before == {path.name: path.read_bytes() for path in secrets.iterdir()}
    made = [secret for secret in before.values() if secret]
    assert len({*made}) == len(made)


def test_no_key_is_lost_however_often_a_new_one_is_asked_for(tmp_path: Path) -> None:
    key, earlier, waiting = (tmp_path / f"bsn{end}" for end in ("", "_vorige", "_nieuw"))
    key.write_text("de eerste", encoding="utf-8")
    earlier.write_text("zonder einde", encoding="utf-8")
    for file in (key, earlier):
        file.chmod(0o444)
    had = ["zonder einde", "de eerste"]
    for _ in range(2):
        for _again in range(2):
            subprocess.run(["sh", DEPLOY / "nieuwe-sleutel.sh", key], check=True)
            assert had == list(read_earlier(earlier.read_text(encoding="utf-8")))
        new = waiting.read_text(encoding="utf-8")
        assert new == key.read_text(encoding="utf-8")
        assert new not in had
        assert len(new) >= MIN_KEY_LENGTH
        # The store has it: the next time it is one of before.
        had.append(new)
        waiting.unlink()


# --- The servers of the compose file, with TLS ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shore:
    """Both servers, by the URLs that the secrets have but for the place; `ca` is who signed."""

    broker: str
    store: str
    owner: str
    ca: Path

    def safe(self, url: str) -> str:
        """A URL of the database that looks at the certificate."""
        return f"{url}?sslmode=verify-full&sslrootcert={self.ca}"


def signed_for_localhost(folder: Path) -> Path:
    """A folder with a certificate, its key, and the authority of our own that signed it."""
    folder.mkdir()
    (folder / "namen").write_text("subjectAltName=DNS:localhost\n", encoding="ascii")
    for words in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=proef -days 2",
        "req -newkey rsa:2048 -nodes -keyout key.pem -out cert.csr -subj /CN=localhost",
        "x509 -req -in cert.csr -CA ca.pem -CAkey ca.key -out cert.pem -extfile namen -days 2",
    ):
        asked = ["openssl", *words.split()]
        subprocess.run(asked, cwd=folder, check=True, capture_output=True)
    return folder


def there(server: Server | None) -> Server:
    """A server of our own; skips the test where there is none, fails it where there has to be."""
    if server is None:
        absent = "geen programma's om een server te starten"
        if os.environ.get(postgres.REQUIRED) == "1":
            pytest.fail(absent, pytrace=False)
        pytest.skip(absent)
    return server


@pytest.fixture(scope="module")
def shore(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shore]:
    files = signed_for_localhost(tmp_path_factory.mktemp("tls") / "files")
    shutil.copy(secrets / "rabbitmq_definities.json", files)
    tls = [f"ssl_cert_file={FILES}/cert.pem", f"ssl_key_file={FILES}/key.pem"]
    database = there(own_postgres(["ssl=on", *tls], files))
    place = urlsplit(database.url)
    at = {"PGHOST": "127.0.0.1", "PGPORT": str(place.port), "GEHEIMEN": str(secrets)}
    script = DEPLOY / "postgresql" / "10-rollen.sh"
    subprocess.run([script], env={**os.environ, **at}, check=True, capture_output=True)
    port = free_port()
    config = (DEPLOY / "rabbitmq" / "rabbitmq.conf").read_text(encoding="utf-8")
    config = config.replace("/run/secrets/rabbitmq_definities", f"{FILES}/rabbitmq_definities.json")
    config += f"listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {FILES}/ca.pem\n"
    config += f"ssl_options.certfile = {FILES}/cert.pem\nssl_options.keyfile = {FILES}/key.pem\n"
    user = urlsplit((secrets / "broker").read_text(encoding="utf-8")).netloc.rpartition("@")[0]
    queues = there(own_rabbitmq(config, files, user))
    told = {name: (secrets / name).read_text(encoding="utf-8") for name in ("store", "eigenaar")}
    yield Shore(
        broker=f"amqps://{user}@localhost:{port}//",
        store=told["store"].replace("postgresql:5432", f"localhost:{place.port}"),
        owner=told["eigenaar"].replace("postgresql:5432", f"localhost:{place.port}"),
        ca=files / "ca.pem",
    )
    queues.stop()
    database.stop()


def connects(broker: Broker) -> bool:
    """Whether the server lets us in, and we it."""
    connection = broker.connect()
    try:
        connection.ensure_connection(max_retries=1)
    except failures_of(connection):
        return False
    finally:
        connection.release()
    return True


def test_a_broker_is_known_by_its_certificate_and_its_name(shore: Shore) -> None:
    assert connects(Broker(shore.broker, ca=shore.ca))
    assert not connects(Broker(shore.broker))
    other_name = shore.broker.replace("localhost", "127.0.0.1")
    assert not connects(Broker(other_name, ca=shore.ca))


def test_authorities_that_cannot_be_used_are_told(tmp_path: Path, shore: Shore) -> None:
    empty = tmp_path / "leeg.pem"
    empty.touch()
    for file in (empty, tmp_path / "weg.pem"):
        with pytest.raises(WrongUse, match=f"GATEWAY_BROKER_CA: {file}"):
            Broker(shore.broker, ca=file).connect()
    with pytest.raises(WrongUse, match="amqps://"):
        broker_of(
            read_settings({"GATEWAY_BROKER": "amqp://h//", "GATEWAY_BROKER_CA": "x"})
        ).connect()


def test_the_compose_file_works_with_tls_on_its_own_servers(
    shore: Shore, secrets: Path, tmp_path: Path
) -> None:
    key = {
        "GATEWAY_BSN_SLEUTEL_FILE": str(secrets / "bsn_sleutel"),
        "GATEWAY_KLUIS_FILE": str(secrets / "kluis"),
    }
    told = command("migrate", environment={**key, "GATEWAY_STORE": shore.safe(shore.owner)})
    assert 0 == told.returncode, told.stderr
    other_name = shore.safe(shore.owner.replace("localhost", "127.0.0.1"))
    assert 3 == command("status", environment={"GATEWAY_STORE": other_name}).returncode
    environment = {
        "GATEWAY_STORE": shore.safe(shore.store),
        "GATEWAY_BROKER": shore.broker,
        "GATEWAY_BROKER_CA": str(shore.ca),
        **key,
        "GATEWAY_RANDEN": "amqp",
        "GATEWAY_GEMEENTEN": "0193",
    }
    broker = Broker(shore.broker, ca=shore.ca)
    with running("relay", tmp_path, environment), running("worker", tmp_path, environment):
        rabbitmq.put(broker, "berichten.in", made("JW301"), message_id="een")
        rabbitmq.put(broker, "berichten.in", made("JW305"), message_id="twee")
        answer = rabbitmq.take(broker, "berichten.uit")
        assert b"Bericht" in bytes(answer.body)
        with psycopg.connect(shore.store) as connection:
            query = (
                "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                "WHERE usename = 'gateway' AND application_name = 'gateway'"
            )
            assert [(True,)] == connection.execute(query).fetchall()


@contextmanager
def running(name: str, folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A command that runs as long as the block lasts, and then ends in order."""
    log = folder / f"{name}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, name],
            cwd=PROJECT,
            env=own_environment({**environment, "GATEWAY_DATA": str(folder / "data")}),
            stderr=stream,
        )
    try:
        assert comes_true(lambda: b'"gestart"' in log.read_bytes(), 30), log.read_text("utf-8")
        yield
    finally:
        process.terminate()
        code = process.wait(20)
    assert 0 == code
