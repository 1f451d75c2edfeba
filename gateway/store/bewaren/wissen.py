"""Erases one client where nothing forbids it, and tells why where something does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.engine import Connection

from gateway.errors import CouldNotFinish
from gateway.pipeline.bewaren import Bewaartermijnen, bezwaren
from gateway.store import postgres
from gateway.store.bewaren.dossierinhoud import (
    Inhoud,
    Sleutel,
    also_of_others,
    contents_of,
    disputed,
    outgoing,
    with_bytes,
)
from gateway.store.bewaren.dossiers import Dossiers
from gateway.store.bewaren.onveranderd import Gezien, last_line, seen, still_there, unchanged
from gateway.store.bewaren.soorten import NO_ANSWERS, NO_BYTES, NO_FINDINGS
from gateway.store.bsn import Fingerprinter
from gateway.store.engine import ALL, Database
from gateway.store.toegang.logboek import Betrokkene, Handeling, Logboek
from gateway.store.werk.wachtrij import look_again

# So often is somebody looked for of whom something changed meanwhile.
TIMES = 5

Act = Callable[[Sequence[Betrokkene]], Handeling]


@dataclass(frozen=True, slots=True)
class Uitkomst:
    """A dossier of the client: why it stays, or nothing; lines that stay without him (eurocents).

    `berichten` are the messages about nobody else, whose bytes and findings go along.
    """

    gemeente: str
    wet: str
    redenen: Sequence[str]
    regels: int
    bedrag: int
    berichten: Sequence[int]


class Wisser:
    """Erases a client who asks for it."""

    def __init__(
        self,
        database: Database,
        logboek: Logboek,
        fingerprint: Fingerprinter,
        termijnen: Bewaartermijnen,
    ) -> None:
        self._database = database
        self._logboek = logboek
        self._fingerprint = fingerprint
        self._termijnen = termijnen
        self._dossiers = Dossiers(fingerprint, termijnen)

    def preview(self, bsn: str, vandaag: date) -> Sequence[Uitkomst]:
        """What would go and what would stay; changes nothing."""
        with self._database.long_snapshot() as connection:
            return [uitkomst for _, _, uitkomst in self._found(connection, bsn, vandaag)]

    def erase(self, bsn: str, vandaag: date, act: Act) -> Sequence[Uitkomst]:
        """Erase what may go, all of it or nothing, with what stays and why in the log.

        He is looked for while others go on; the transaction that takes him away is short.  Raises
        CouldNotFinish where something of him changed each time.
        """
        for _ in range(TIMES):
            with self._database.long_snapshot() as connection:
                last = last_line(connection)
                found = list(self._found(connection, bsn, vandaag))
                contents = {sleutel: inhoud for sleutel, inhoud, _ in found}
                gezien = seen(connection, contents, last)
            uitkomsten = {sleutel: uitkomst for sleutel, _, uitkomst in found}
            if self._take_away(self._fingerprint(bsn), uitkomsten, gezien, act):
                return list(uitkomsten.values())
        raise CouldNotFinish("van deze cliënt verandert nu iets; probeer het straks opnieuw")

    def _take_away(
        self,
        kenmerk: str,
        uitkomsten: Mapping[Sleutel, Uitkomst],
        gezien: Mapping[Sleutel, Gezien],
        act: Act,
    ) -> bool:
        """Erase what may go; nothing, and False, where anything changed since it was seen."""
        with self._database.writing(ALL) as connection:
            if not self._database.is_sqlite:
                postgres.plan_for_whole_store(connection)
            if unchanged(connection, gezien) != gezien.keys():
                return False
            going = {sleutel: one for sleutel, one in uitkomsten.items() if not one.redenen}
            with connection.begin_nested() as attempt:
                for sleutel, one in going.items():
                    self._erase(connection, sleutel, gezien[sleutel], one.berichten)
                if still_there(connection, going):
                    attempt.rollback()
                    return False
            told = [
                Betrokkene(one.gemeente, kenmerk, f"dossier {one.wet}: {_told(one)}")
                for one in uitkomsten.values()
            ]
            self._logboek.schrijf(connection, act(told or [Betrokkene(kenmerk=kenmerk)]))
        return True

    def _found(
        self, connection: Connection, bsn: str, vandaag: date
    ) -> Sequence[tuple[Sleutel, Inhoud, Uitkomst]]:
        kenmerk = self._fingerprint(bsn)
        dossiers = list(self._dossiers.all(connection, [kenmerk]))
        keys = [Sleutel(one.gemeente, one.wet, one.kenmerk) for one in dossiers]
        contents = contents_of(connection, keys)
        found = []
        for dossier, sleutel in zip(dossiers, keys, strict=True):
            inhoud = contents[sleutel]
            reasons = list(bezwaren(dossier, self._termijnen, vandaag, op_verzoek=True))
            shared = set(also_of_others(connection, inhoud, kenmerk))
            still = with_bytes(connection, inhoud.berichten)
            reasons += [
                f"bericht {one} gaat ook over anderen of is nog niet klaar, en is er nog"
                for one in still
                if one in shared
            ]
            reasons += [
                f"in bericht {one} staat een bevinding open" for one in disputed(connection, inhoud)
            ]
            own = sorted(inhoud.berichten - shared)
            regels = len(inhoud.regels)
            uitkomst = Uitkomst(*sleutel[:2], reasons, regels, inhoud.bedrag, own)
            found.append((sleutel, inhoud, uitkomst))
        return found

    def _erase(
        self, connection: Connection, sleutel: Sleutel, gezien: Gezien, berichten: Sequence[int]
    ) -> None:
        self._dossiers.forget(connection, sleutel, gezien)
        if not berichten:
            return
        for way in (*NO_BYTES, *NO_FINDINGS):
            connection.execute(way, {"welke": berichten})
        sent = outgoing(connection, berichten)
        for way in NO_ANSWERS if sent else ():
            connection.execute(way, {"welke": sent})
        look_again(connection, [(one, None) for one in berichten])


def _told(uitkomst: Uitkomst) -> str:
    return "; ".join(uitkomst.redenen) or "gewist"
