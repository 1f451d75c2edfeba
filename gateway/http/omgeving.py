"""What every page and every call of the API stands on; made once, at start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from gateway.config import Settings
from gateway.errors import WrongUse
from gateway.http.aanmelden import Dienst
from gateway.http.beurt import Beurt
from gateway.http.grenzen import Grenzen
from gateway.http.taken import Taken
from gateway.ledger.regio.basis import Basis
from gateway.messages.teksten import Teksten
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.kennisstand import Kennisstand
from gateway.pipeline.proef import DoeProef
from gateway.store.jaareinde.pakketbestand import DoeJaarpakket
from gateway.store.jaareinde.verantwoordingen import DoeVergelijking
from gateway.store.store import SqlStore
from gateway.store.terugzetten import Doodbak
from gateway.store.toegang.logboek import Handeling
from gateway.toegang.kenmerk import Kenmerken

# What the code for the first beheerder is kept under, and how long it works.
EERSTE, EERSTE_SECONDS = "eerste", 3600.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_BUSY = "er wordt al een jaar nagerekend; probeer het zo weer"
_BUSY_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Omgeving:
    """The store, the knowledge and the settings behind pages and API.

    `stand` has what is known now; `kennis_van` gives what a judgement knew by its hash.
    `adres` is how the outside reaches it, such as https://gateway.gemeente.nl.  `demo` lets anyone
    in by a button, on loopback only.  `inlogdienst` is where staff log in, if not here.
    `doe_proef` judges stored invoices again with a proposal, `doe_jaarpakket` makes the pack of a
    year and `doe_vergelijking` lays a statement beside the ledger, where that is possible; who goes
    over a year otherwise has the `jaarbeurt`.  `doe_envelop` takes the message of an envelope that
    was set aside.  `doodbak` opens the place of messages that died in a queue, where there are
    queues outside the process.  `regio` is what figures of a region rest on.
    """

    store: SqlStore
    stand: Kennisstand
    kennis_van: Callable[[str | None], Kennis]
    teksten: Teksten
    regelzinnen: Mapping[str, str]
    gemeentenamen: Mapping[str, str]
    afwijsredenen: Mapping[str, str]
    eenheden: Mapping[str, str]
    frequenties: Mapping[str, str]
    codenamen: Mapping[tuple[str, str], Mapping[str, str]]
    kenmerken: Kenmerken
    clock: Callable[[], datetime]
    settings: Settings
    adres: str
    demo: bool = False
    doe_proef: DoeProef | None = None
    doe_jaarpakket: DoeJaarpakket | None = None
    doe_vergelijking: DoeVergelijking | None = None
    doe_envelop: Callable[[int, Handeling], int] | None = None
    doodbak: Callable[[], Doodbak] | None = None
    inlogdienst: Dienst | None = None
    grenzen: Grenzen = field(default_factory=Grenzen)
    regio: Basis = field(default_factory=Basis)
    taken: Taken = field(init=False)
    jaarbeurt: Beurt = field(init=False)

    def __post_init__(self) -> None:
        """The tasks go by the same clock, the turns by the same store."""
        object.__setattr__(self, "taken", Taken(self.clock))
        beurt = Beurt(self.store.database, "jaarwerk", _BUSY, _BUSY_SECONDS)
        object.__setattr__(self, "jaarbeurt", beurt)

    @property
    def kennis(self) -> Kennis:
        """What is known now."""
        return self.stand.nu

    @property
    def bediend(self) -> frozenset[str]:
        """The municipalities that are served; all that there ever were where none are named."""
        return frozenset(self.kennis.gemeenten or self.kennis.gemeentecodes)

    @property
    def is_https(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.adres.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which it may be asked for."""
        host = urlsplit(self.adres).hostname or ""
        return LOOPBACK if host in LOOPBACK else frozenset({host}) | LOOPBACK


def adres_of(settings: Settings, host: str, port: int, *, demo: bool = False) -> str:
    """How the outside reaches a server; raises WrongUse for what would not be safe."""
    if demo and host not in LOOPBACK:
        raise WrongUse("de demo luistert alleen op deze computer zelf (127.0.0.1)")
    if settings.web_adres is not None and not demo:
        _check(settings.web_adres)
        return settings.web_adres.rstrip("/")
    if host not in LOOPBACK:
        raise WrongUse(
            f"luisteren op {host} kan alleen met GATEWAY_WEB_ADRES: het https-adres waarop "
            "medewerkers de gateway bereiken"
        )
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _check(adres: str) -> None:
    parts = urlsplit(adres)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise WrongUse("GATEWAY_WEB_ADRES moet met https:// beginnen")
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise WrongUse("GATEWAY_WEB_ADRES is alleen een adres, als https://gateway.gemeente.nl")
