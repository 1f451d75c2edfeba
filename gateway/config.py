"""Frozen settings, read once from the environment: GATEWAY_... variables, ..._FILE for secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from gateway.errors import WrongUse

PREFIX = "GATEWAY_"
STANDAARDPOORT = 8080
SECRETS = frozenset(
    {"store", "broker", "bsn_sleutel", "bsn_sleutel_vorige", "kluis", "oidc_geheim"}
)
MIN_KEY_LENGTH = 16
_AT = re.compile(r" - at `\$\.(\w+)[^`]*`$")

Positive = Annotated[int, msgspec.Meta(ge=1)]
Days = Annotated[int, msgspec.Meta(ge=0, le=365)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Rol = Literal["gemeente", "aanbieder"]
Gemeentecode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]
AgbCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}$")]
Uitgavenaam = Annotated[str, msgspec.Meta(pattern=r"^i(jw|wmo)-[0-9]+\.[0-9]+$")]
Versie = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
Key = Annotated[str, msgspec.Meta(min_length=MIN_KEY_LENGTH)]
Bron = Annotated[str, msgspec.Meta(pattern=r"^urn:nld:[A-Za-z0-9:._-]{1,200}$")]
Poort = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")]
Sftpadres = Annotated[str, msgspec.Meta(pattern=r"^sftp://[^\s/?#@]+@[^\s/?#@]+(/[^\s?#]*)?$")]
Applicatie = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9 ._-]{3,50}$")]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{0,60}$")]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an installation decides; `GATEWAY_LEASE_SECONDS` sets `lease_seconds`, and so on.

    `store` is a SQLAlchemy URL, absent for `gateway.db` in the data folder.  `gemeenten` are the
    served municipalities, empty for those of the agreements.  `rol` is the side that the
    installation stands on; for an aanbieder `aanbieders` are who is served, empty for all, and
    every municipality is.  `tries` is how often a message is taken up before it is parked.
    `bsn_sleutel` keys the fingerprints of Bsns; without it the store keeps one that it made.
    `bsn_sleutel_vorige` has the keys before it, one on each line.
    `kluis` has the keys that encipher the bytes of messages, absent to keep them as they are.
    `broker_ca` is a file with the authorities that the certificate of the broker may be of, absent
    for those of the machine.
    `vrije_dagen` are days off beyond the law's own.
    `randen` is where messages come in and leave: folders, queues of the broker, or folders of a
    server elsewhere; `bron` is the source that events on a queue name.
    `sftp_url` is that server, `sftp_sleutel` a file with our private key and `sftp_bekend` one with
    the keys that it may have.
    `ggk_applicatie` is the name of this software, without a version, in envelopes of the network.
    `ggk_url` is where the network takes envelopes; without it they are taken there by others.
    `ggk_certificaat` and `ggk_sleutel` are files by which it knows us, `ggk_ca` one with who may
    have signed its certificate.  `ggk_bevroren_seconds` is how long a berichttype waits that it
    does not take.
    `terugkijkdagen` is how many days back the clock looks for what should have come in.
    `rekening_wachtdagen` is how many days a new account waits where nobody called the provider.
    `releases` is a folder with releases of the standard beyond our own; `schaduw` names those that
    judge beside.
    `archief` is the folder for archives, `archief_na` after how many months bytes go there; without
    it they stay where they are.
    `bewaartermijnen` is a file with how long the store keeps what, absent for our own; `jaareinde`
    one with the days, thresholds and tolerances of the year end.  `wijken` is one with the
    districts of municipalities by postcode, for figures of a region.
    `betalen` is a file with how each municipality pays, `grootboek` one with where that is booked;
    absent for our own.
    `host` and `port` are where pages and API listen (0: any port that is free), `web_adres` how the
    outside reaches them, `proxy` the addresses that may tell from whom a request came.  `thema` is
    a folder with a stylesheet per municipality.  `oidc_issuer` is the provider that staff log in
    at; `lokaal_inloggen` lets in by a password, which without it only happens where there is no
    provider.  `oidc_twee_stappen` demands a login in two steps: one of the strengths in
    `oidc_acr` or of the methods in `oidc_amr`, by default what RFC 8176 calls mfa.  `oidc_rollen`
    is the claim with roles, absent for those that our own table has; `oidc_api` is for whom the
    provider gives a program its token for the API, absent where only our own keys open it.
    `api_herkomst` are the sites whose pages may call the API from a browser, `contact_...` who
    helps programmers with it.
    `metrics_host` and `metrics_port` are where a process tells how it is doing, for a network that
    only who watches over it can reach; without a port it tells nothing.
    """

    rol: Rol = "gemeente"
    data: Path = Path("data")
    store: str | None = None
    broker: str = "memory://"
    broker_ca: Path | None = None
    queue_prefix: Name = "gateway."
    randen: Literal["mappen", "amqp", "sftp"] = "mappen"
    sftp_url: Sftpadres | None = None
    sftp_sleutel: Path | None = None
    sftp_bekend: Path | None = None
    bron: Bron = "urn:nld:systeem:ijw-iwmo-gateway"
    ggk_applicatie: Applicatie = "ijw-iwmo-gateway"
    ggk_url: Url | None = None
    ggk_certificaat: Path | None = None
    ggk_sleutel: Path | None = None
    ggk_ca: Path | None = None
    ggk_bevroren_seconds: Seconds = 900
    schemas_dir: Path | None = None
    releases: Path | None = None
    schaduw: tuple[Uitgavenaam, ...] = ()
    gemeenten: tuple[Gemeentecode, ...] = ()
    aanbieders: tuple[AgbCode, ...] = ()
    agreements: Path | None = None
    beleid: Path | None = None
    bytecap: Positive = 26_214_400
    lease_seconds: Seconds = 30
    sweep_seconds: Seconds = 5
    tries: Positive = 10
    log: Literal["json", "console"] = "json"
    bsn_sleutel: Key | None = None
    bsn_sleutel_vorige: str | None = None
    kluis: str | None = None
    xsd_versie: Versie = "1.0.0"
    vrije_dagen: tuple[date, ...] = ()
    terugkijkdagen: Positive = 90
    rekening_wachtdagen: Days = 14
    archief: Path | None = None
    archief_na: Positive | None = None
    bewaartermijnen: Path | None = None
    wijken: Path | None = None
    jaareinde: Path | None = None
    betalen: Path | None = None
    grootboek: Path | None = None
    host: str = "127.0.0.1"
    port: Poort | None = None
    web_adres: Url | None = None
    proxy: tuple[str, ...] = ()
    thema: Path | None = None
    lokaal_inloggen: bool | None = None
    oidc_issuer: Url | None = None
    oidc_client: str | None = None
    oidc_geheim: str | None = None
    oidc_acr: tuple[str, ...] = ()
    oidc_amr: tuple[str, ...] = ()
    oidc_twee_stappen: bool = True
    oidc_rollen: str | None = None
    oidc_api: str | None = None
    api_herkomst: tuple[Url, ...] = ()
    contact_naam: str = "Beheer van de gateway"
    contact_email: str = "gateway@example.org"
    contact_url: Url = "https://example.org/gateway"
    metrics_host: str = "127.0.0.1"
    metrics_port: Poort | None = None

    @property
    def met_wachtwoord(self) -> bool:
        """Whether staff may log in with a password of this gateway."""
        return self.oidc_issuer is None if self.lokaal_inloggen is None else self.lokaal_inloggen

    @property
    def store_url(self) -> str:
        """Where the store is: the setting, else SQLite in the data folder."""
        return self.store or f"sqlite:///{self.data / 'gateway.db'}"

    @property
    def webpoort(self) -> int:
        """The port of pages and API: the setting, else the usual one."""
        return STANDAARDPOORT if self.port is None else self.port

    @property
    def schemas(self) -> Path:
        """The folder with the XSDs: the setting, else our own."""
        return self.schemas_dir or data_folder("schemas")

    @property
    def uitgavemappen(self) -> tuple[Path, ...]:
        """The folders with releases of the standard: our own, and the setting."""
        own = data_folder("mappings")
        return (own,) if self.releases is None else (own, self.releases)

    @property
    def schemamappen(self) -> tuple[Path, ...]:
        """The folders in which the XSDs of those releases stand."""
        return (self.schemas,) if self.releases is None else (self.schemas, self.releases)

    @property
    def beleidsmap(self) -> Path:
        """The folder with the policy per municipality: the setting, else our own."""
        return self.beleid or data_folder("mappings") / "beleid"

    @property
    def termijnenbestand(self) -> Path:
        """The file with how long the store keeps what: the setting, else our own."""
        return self.bewaartermijnen or data_folder("mappings") / "bewaartermijnen.toml"

    @property
    def jaareindebestand(self) -> Path:
        """The file with the settings of the year end: the setting, else our own."""
        return self.jaareinde or data_folder("mappings") / "jaareinde.toml"

    @property
    def betaalbestand(self) -> Path:
        """The file with how each municipality pays: the setting, else our own."""
        return self.betalen or data_folder("mappings") / "betalen.toml"

    @property
    def grootboekbestand(self) -> Path:
        """The file with where payments are booked: the setting, else our own."""
        return self.grootboek or data_folder("mappings") / "grootboek.toml"

    def __repr__(self) -> str:
        """The settings without their secrets, so that a log or traceback cannot show them."""
        shown = (
            f"{name}={'***' if name in SECRETS and value is not None else repr(value)}"
            for name, value in msgspec.structs.asdict(self).items()
        )
        return f"Settings({', '.join(shown)})"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that an environment gives; raises WrongUse that names the variable at fault.

    Variables that are no setting are left alone: an orchestrator adds some of its own.
    """
    given: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        text = _text_of(environment, name)
        if text is not None:
            given[name] = _LISTS.get(name, str)(text)
    try:
        return msgspec.convert(given, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise WrongUse(_sentence(str(error))) from None


def data_folder(name: str) -> Path:
    """The folder `schemas` or `mappings`: inside the installed package, else in the checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise WrongUse(f"de map {name} van de gateway ontbreekt; installeer het pakket opnieuw")


def _text_of(environment: Mapping[str, str], name: str) -> str | None:
    """The text of one setting; empty counts as absent."""
    variable = PREFIX + name.upper()
    text = environment.get(variable, "").strip()
    file = environment.get(f"{variable}_FILE", "").strip() if name in SECRETS else ""
    if text and file:
        raise WrongUse(f"{variable} en {variable}_FILE zijn allebei ingevuld; kies er één")
    if not file:
        return text or None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise WrongUse(f"{variable}_FILE: het bestand {file} is niet te lezen") from None


def _split(text: str) -> list[str]:
    """The parts of a comma separated list."""
    return [part.strip() for part in text.split(",") if part.strip()]


_LISTS: Mapping[str, Callable[[str], Any]] = dict.fromkeys(
    (
        "gemeenten",
        "aanbieders",
        "vrije_dagen",
        "schaduw",
        "proxy",
        "oidc_acr",
        "oidc_amr",
        "api_herkomst",
    ),
    _split,
)


def _decode(kind: type, value: Any) -> Any:
    """Make what msgspec does not know by itself: paths."""
    if kind is Path:
        return Path(value)
    raise NotImplementedError


def _sentence(problem: str) -> str:
    """One Dutch sentence that names the variable; the value stays out, it may be a secret."""
    found = _AT.search(problem)
    name = found[1] if found else ""
    return f"{PREFIX}{name.upper()} heeft een waarde die niet kan: verwacht {_EXPECTED[name]}"


_EXPECTED: Mapping[str, str] = {
    "rol": "gemeente of aanbieder",
    "queue_prefix": "hooguit 60 letters, cijfers, punten, streepjes of liggende streepjes",
    "randen": "mappen, amqp of sftp",
    "sftp_url": "een adres als sftp://gateway@bestanden.gemeente.nl/berichten",
    "bron": "een urn als urn:nld:oin:00000001234567890000:systeem:gateway",
    "ggk_applicatie": "3 tot en met 50 letters, cijfers, punten, streepjes of spaties",
    "ggk_url": "een adres als https://adapter.gemeente.nl/ggk",
    "ggk_bevroren_seconds": "een getal groter dan 0",
    "gemeenten": "gemeentecodes van vier cijfers, met komma's ertussen",
    "aanbieders": "AGB-codes van acht cijfers, met komma's ertussen",
    "schaduw": "uitgaven als ijw-3.3, met komma's ertussen",
    "bytecap": "een geheel getal groter dan 0",
    "lease_seconds": "een getal groter dan 0",
    "sweep_seconds": "een getal groter dan 0",
    "tries": "een geheel getal groter dan 0",
    "log": "json of console",
    "bsn_sleutel": f"een geheim van ten minste {MIN_KEY_LENGTH} tekens",
    "xsd_versie": "een versie als 1.0.0",
    "terugkijkdagen": "een geheel getal groter dan 0",
    "archief_na": "een aantal maanden groter dan 0",
    "port": "een getal van 0 tot en met 65535",
    "metrics_port": "een getal van 0 tot en met 65535",
    "web_adres": "een adres als https://gateway.gemeente.nl",
    "lokaal_inloggen": "true of false",
    "oidc_twee_stappen": "true of false",
    "api_herkomst": "adressen als https://portaal.aanbieder.nl, met komma's ertussen",
    "contact_url": "een adres als https://gemeente.nl/gateway",
    "oidc_issuer": "een adres als https://inloggen.gemeente.nl",
    "vrije_dagen": "datums als 2026-05-15, met komma's ertussen",
}
