"""Takes the message of an envelope that was set aside after all, once somebody says it is ours."""

from __future__ import annotations

from gateway.errors import WrongUse
from gateway.network.ggk.envelop import Envelop
from gateway.network.ggk.koppen import kop_binnen
from gateway.network.ggk.lezen import parse, read
from gateway.store.store import SqlStore
from gateway.store.toegang.logboek import Handeling


def take_after_all(store: SqlStore, nummer: int, handeling: Handeling) -> int:
    """Put the message in the inbox, where it is judged as any other; returns its number.

    Who said so is in the log.  Raises NietGevonden for what is not set aside with something in it,
    WrongUse for a fault: that has no message.
    """
    xml = store.enveloppen.inhoud(nummer)
    stuk = read(parse(xml))
    if not isinstance(stuk, Envelop):
        raise WrongUse(f"envelop {nummer} is een fout; er zit geen bericht in")
    naam = f"{stuk.stuurgegevens.referentienummer}.xml"
    inbox_id = store.inbox.receive(naam, [stuk.inhoud], kop_binnen(stuk, xml).sleutel).inbox_id
    store.enveloppen.taken(nummer, inbox_id, handeling)
    return inbox_id
