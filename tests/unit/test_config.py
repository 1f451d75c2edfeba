"""Settings come from the environment, and a wrong one is told by its name."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from gateway.config import Settings, data_folder, read_settings
from gateway.errors import WrongUse

KEY = "een-sleutel-van-genoeg-tekens"


def test_without_any_variable_the_embedded_defaults_stand() -> None:
    expected = (Path("data"), None, "memory://", (), 26_214_400, 30.0, 5.0, "1.0.0")
    found = read_settings({})
    actual = (
        found.data,
        found.store,
        found.broker,
        found.gemeenten,
        found.bytecap,
        found.lease_seconds,
        found.sweep_seconds,
        found.xsd_versie,
    )
    assert expected == actual


def test_the_store_is_a_file_in_the_data_folder_unless_it_is_named() -> None:
    assert read_settings({"GATEWAY_DATA": "/srv/x"}).store_url == "sqlite:////srv/x/gateway.db"
    assert read_settings({"GATEWAY_STORE": "sqlite:///y.db"}).store_url == "sqlite:///y.db"


def test_every_kind_of_value_is_read() -> None:
    found = read_settings(
        {
            "GATEWAY_GEMEENTEN": "0193, 0150,",
            "GATEWAY_ROL": "aanbieder",
            "GATEWAY_AANBIEDERS": "65656055,99000001",
            "GATEWAY_LEASE_SECONDS": "2.5",
            "GATEWAY_AGREEMENTS": "overeenkomsten",
            "GATEWAY_VRIJE_DAGEN": "2026-05-15,2026-12-24",
            "GATEWAY_LOG": "console",
        }
    )
    expected = Settings(
        gemeenten=("0193", "0150"),
        rol="aanbieder",
        aanbieders=("65656055", "99000001"),
        lease_seconds=2.5,
        agreements=Path("overeenkomsten"),
        vrije_dagen=(date(2026, 5, 15), date(2026, 12, 24)),
        log="console",
    )
    assert expected == found


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWAY_LEASE_SECONDS", "0"),
        ("GATEWAY_TRIES", "0"),
        ("GATEWAY_BYTECAP", "veel"),
        ("GATEWAY_SWEEP_SECONDS", "-1"),
        ("GATEWAY_LOG", "xml"),
        ("GATEWAY_GEMEENTEN", "0193,Zwolle"),
        ("GATEWAY_AANBIEDERS", "65656055,0193"),
        ("GATEWAY_ROL", "zorgkantoor"),
        ("GATEWAY_VRIJE_DAGEN", "15 mei"),
        ("GATEWAY_XSD_VERSIE", "1.0"),
        ("GATEWAY_QUEUE_PREFIX", "een prefix"),
        ("GATEWAY_BSN_SLEUTEL", "kort"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence_that_names_the_variable(
    variable: str, value: str
) -> None:
    with pytest.raises(WrongUse, match=rf"^{variable} heeft een waarde die niet kan: ") as caught:
        read_settings({variable: value})
    assert "\n" not in str(caught.value)


def test_a_wrong_secret_is_not_repeated_in_the_sentence() -> None:
    with pytest.raises(WrongUse) as caught:
        read_settings({"GATEWAY_BSN_SLEUTEL": "geheimpje"})
    assert "geheimpje" not in str(caught.value)


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "sleutel"
    file.write_text(KEY + "\n")
    assert read_settings({"GATEWAY_BSN_SLEUTEL_FILE": str(file)}).bsn_sleutel == KEY


def test_a_secret_given_twice_or_unreadable_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="GATEWAY_STORE en GATEWAY_STORE_FILE"):
        read_settings({"GATEWAY_STORE": "a", "GATEWAY_STORE_FILE": "b"})
    with pytest.raises(WrongUse, match=r"GATEWAY_BROKER_FILE: het bestand .* is niet te lezen"):
        read_settings({"GATEWAY_BROKER_FILE": str(tmp_path / "weg")})


def test_secrets_are_not_shown() -> None:
    found = Settings(bsn_sleutel=KEY, store="postgresql://u:geheim@db/x")
    assert KEY not in repr(found)
    assert "geheim@" not in repr(found)


def test_the_schemas_and_mappings_are_found() -> None:
    assert (data_folder("schemas") / "ijw-3.2").is_dir()
    assert (data_folder("mappings") / "iwmo-3.2").is_dir()
    assert read_settings({"GATEWAY_SCHEMAS_DIR": "/x"}).schemas == Path("/x")
    assert Settings().schemas == data_folder("schemas")
    with pytest.raises(WrongUse, match="de map nergens"):
        data_folder("nergens")


def test_settings_import_neither_the_store_nor_the_queue() -> None:
    code = (
        "import sys, gateway.config;"
        "print(sorted({'sqlalchemy', 'kombu', 'lxml'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout == "[]\n"
