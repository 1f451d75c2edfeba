"""`gateway config check` tells what is weak, by its variable, and never what it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.cli.config import weaknesses
from gateway.config import read_settings

RAAK = "d0c1b2a394857667584930a1b2c3d4e5" * 2
GOED = {
    "GATEWAY_STORE": "postgresql://gateway@db.gemeente.nl/gateway?sslmode=verify-full",
    "GATEWAY_BROKER": "amqps://gateway@mq.gemeente.nl//",
    "GATEWAY_WEB_ADRES": "https://gateway.gemeente.nl",
    "GATEWAY_PROXY": "127.0.0.1",
    "GATEWAY_OIDC_ISSUER": "https://inloggen.gemeente.nl",
    "GATEWAY_CONTACT_EMAIL": "beheer@gemeente.nl",
    "GATEWAY_CONTACT_URL": "https://gemeente.nl/gateway",
}


@pytest.fixture
def goed(tmp_path: Path) -> dict[str, str]:
    """Settings of which nothing is weak."""
    found = dict(GOED)
    for name, text in (("BSN_SLEUTEL", RAAK), ("KLUIS", f"een={RAAK}")):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o400)
        found[f"GATEWAY_{name}_FILE"] = str(path)
    return found


def weak(environment: dict[str, str]) -> list[str]:
    found = list(weaknesses(read_settings(environment), environment))
    shown = " ".join(one.zin for one in found)
    assert not any(value in shown for value in environment.values() if len(value) > len("kort"))
    return [one.instelling.removeprefix("GATEWAY_").lower() for one in found]


def test_what_is_well_set_is_left_alone(goed: dict[str, str]) -> None:
    assert [] == weak(goed)


def test_what_everybody_begins_with_is_told() -> None:
    assert ["bsn_sleutel", "kluis", "contact_email", "contact_url"] == weak({})


@pytest.mark.parametrize(
    ("naam", "waarde", "zwak"),
    [
        ("STORE", "postgresql://gateway@db.gemeente.nl/gateway", ["store"]),
        ("STORE", "postgresql://gateway:gateway1@localhost/gateway", ["store", "store"]),
        ("STORE", f"postgresql://gateway:{RAAK}@localhost/gateway", ["store"]),
        ("STORE", "postgresql:///gateway", []),
        ("BROKER", "amqp://gateway@mq.gemeente.nl//", ["broker"]),
        ("BROKER", "amqp://guest:guest@127.0.0.1//", ["broker", "broker"]),
        ("BROKER", "memory://", []),
        ("KLUIS", f"een={'0' * 64}", ["kluis", "kluis"]),
        ("BSN_SLEUTEL", "wachtwoordwachtwoordwachtwoordwachtwoord", ["bsn_sleutel"] * 2),
        ("BSN_SLEUTEL_VORIGE", RAAK, ["bsn_sleutel_vorige"]),
        ("WEB_ADRES", "http://gateway.gemeente.nl", ["web_adres"]),
        ("PROXY", "", ["proxy"]),
        ("PROXY", "*", ["proxy"]),
        ("OIDC_ISSUER", "", ["oidc_issuer"]),
        ("OIDC_TWEE_STAPPEN", "false", ["oidc_twee_stappen"]),
        ("LOKAAL_INLOGGEN", "true", ["lokaal_inloggen"]),
        ("OIDC_GEHEIM", "kort", ["oidc_geheim", "oidc_geheim"]),
        ("API_HERKOMST", "http://portaal.nl", ["api_herkomst"]),
        ("GGK_URL", "http://adapter.gemeente.nl/ggk", ["ggk_url"]),
        ("GGK_URL", "https://adapter.gemeente.nl/ggk", ["ggk_certificaat"]),
        ("GGK_URL", "http://localhost:8099/ggk", []),
        ("RANDEN", "amqp", ["bron"]),
    ],
)
def test_a_weak_setting_is_named(
    naam: str, waarde: str, zwak: list[str], goed: dict[str, str]
) -> None:
    goed.pop(f"GATEWAY_{naam}_FILE", None)
    assert zwak == weak({**goed, f"GATEWAY_{naam}": waarde})


def test_a_secret_that_others_can_read_is_told(goed: dict[str, str], tmp_path: Path) -> None:
    Path(goed["GATEWAY_KLUIS_FILE"]).chmod(0o644)
    assert ["kluis"] == weak(goed)
    file = tmp_path / "gateway.db"
    file.touch(0o644)
    assert ["store", "kluis"] == weak({**goed, "GATEWAY_STORE": f"sqlite:///{file}"})


def test_the_command_tells_and_ends_with_one(
    goed: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in goed.items():
        monkeypatch.setenv(name, value)
    assert 0 == run(["config", "check"])
    assert "geen zwakke instellingen gevonden\n" == capsys.readouterr().out
    monkeypatch.setenv("GATEWAY_PROXY", "*")
    assert 1 == run(["config", "check", "--json"])
    (told,) = json.loads(capsys.readouterr().out)["settings"]
    assert "GATEWAY_PROXY" == told["name"]
    assert 1 == run(["config", "check"])
    assert f"GATEWAY_PROXY: {told['text']}\n" == capsys.readouterr().out
