"""Takes packages from a folder: a zip with messages, and a report of each beside where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import structlog

from gateway.errors import MessageRefused, PakketGeweigerd
from gateway.messages.pakket import Lid, read_pakket
from gateway.network.folder import FolderUit
from gateway.store.opname import Opnemer

OPGENOMEN, DUBBEL, GEWEIGERD = "opgenomen", "dubbel", "geweigerd"

log = structlog.get_logger()


class Lidverslag(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a member: taken in, known already, or refused with a reason."""

    naam: str
    uitkomst: str
    bericht: int | None = None
    reden: str | None = None


class Verslag(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a package; `geweigerd` is why it was refused as a whole."""

    pakket: str
    geweigerd: str | None = None
    leden: list[Lidverslag] = []


class Pakketopname:
    """Takes every message of a zip, and then writes `<naam>.zip.verslag.json`."""

    def __init__(self, bytecap: int) -> None:
        """`bytecap` is how large a zip, and each message in it, may be."""
        self._bytecap = bytecap

    def __call__(self, path: Path, opnemer: Opnemer) -> dict[str, Any]:
        """Raises PakketGeweigerd for a zip that is refused as a whole, as its report tells."""
        try:
            leden = list(self._taken(path, opnemer))
        except PakketGeweigerd as refusal:
            _report(path, Verslag(pakket=path.name, geweigerd=str(refusal)))
            raise
        _report(path, Verslag(pakket=path.name, leden=leden))
        counts = [one.uitkomst for one in leden]
        return {wat: counts.count(wat) for wat in (OPGENOMEN, DUBBEL, GEWEIGERD)}

    def _taken(self, path: Path, opnemer: Opnemer) -> Iterator[Lidverslag]:
        with path.open("rb") as file:
            for lid in read_pakket(file, self._bytecap):
                yield _take(lid, opnemer)


def _take(lid: Lid, opnemer: Opnemer) -> Lidverslag:
    if lid.inhoud is None:
        return Lidverslag(naam=lid.naam, uitkomst=GEWEIGERD, reden=lid.reden)
    try:
        taken = opnemer.receive(lid.naam, [lid.inhoud])
    except MessageRefused as refused:
        return Lidverslag(naam=lid.naam, uitkomst=GEWEIGERD, reden=str(refused))
    log.info("ontvangen", bericht=taken.inbox_id, bestand=lid.naam, nieuw=taken.is_new)
    uitkomst = OPGENOMEN if taken.is_new else DUBBEL
    return Lidverslag(naam=lid.naam, uitkomst=uitkomst, bericht=taken.inbox_id)


def _report(path: Path, verslag: Verslag) -> None:
    body = msgspec.json.format(msgspec.json.encode(verslag), indent=2) + b"\n"
    FolderUit(path.parent, ".json").deliver(f"{path.name}.verslag", "verslag", iter([body]))
