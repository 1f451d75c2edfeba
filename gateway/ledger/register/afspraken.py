"""What may be agreed with a provider: contracts, work for others, a number in the books.

What may not raises OngeldigeVelden that tells what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from gateway.errors import OngeldigeVelden
from gateway.ledger.register.stand import Registerstand
from gateway.ledger.register.wijzigingen import (
    Afspraak,
    ContractEinde,
    ContractErbij,
    OnderaannemerEinde,
    OnderaannemerErbij,
)
from gateway.records.aanbieder import Contractstuk, Crediteur, Onderaanneming
from gateway.records.masker import mask

LONGEST, LONGEST_APPROVER, LONGEST_REMARK = 80, 120, 1_000
WETTEN = ("jeugdwet", "wmo")
_CATEGORIE = re.compile(r"[0-9A-Z]{1,10}", re.ASCII)
_CREDITEUR = re.compile(r"[0-9A-Za-z./-]{1,40}", re.ASCII)


class Register:
    """The whole register in hand: its providers, and what was agreed with them.

    What was agreed stands by the number that it has; what is new gets one below nothing until it
    is kept.
    """

    def __init__(
        self,
        stand: Registerstand,
        contracten: Iterable[tuple[int, Contractstuk]] = (),
        onderaannemingen: Iterable[Onderaanneming] = (),
    ) -> None:
        self.stand = stand
        self.contracten: dict[int, tuple[int, Contractstuk]] = {}
        self.onderaannemingen: dict[int, Onderaanneming] = {}
        self._contracten_van: dict[int, list[int]] = {}
        self._onder_hoofd: dict[int, list[int]] = {}
        for nummer, stuk in contracten:
            self._add_contract(nummer, stuk)
        for one in onderaannemingen:
            self._add_subcontract(one)

    def contracten_van(self, nummer: int) -> Sequence[Contractstuk]:
        """The contracts with a provider."""
        return [self.contracten[one][1] for one in self._contracten_van.get(nummer, ())]

    def onderaannemingen_van(self, hoofd: int) -> Sequence[Onderaanneming]:
        """Who may work for a provider."""
        return [self.onderaannemingen[one] for one in self._onder_hoofd.get(hoofd, ())]

    def spreek_af(self, afspraak: Afspraak) -> None:
        """Take an agreement; raises OngeldigeVelden, and then nothing is changed."""
        match afspraak:
            case ContractErbij():
                _check_contract(self.stand, afspraak.nummer, afspraak.stuk)
                self._add_contract(afspraak.nummer, afspraak.stuk)
            case ContractEinde():
                self._end_contract(afspraak)
            case OnderaannemerErbij():
                nieuw = afspraak.nieuw
                _check_onderaanneming(self.stand, nieuw, self.onderaannemingen_van(nieuw.hoofd))
                self._add_subcontract(nieuw)
            case OnderaannemerEinde():
                self._end_subcontract(afspraak)

    def _add_contract(self, nummer: int, stuk: Contractstuk) -> None:
        stuk = replace(stuk, nummer=stuk.nummer or -1 - len(self.contracten))
        self.contracten[stuk.nummer] = (nummer, stuk)
        self._contracten_van.setdefault(nummer, []).append(stuk.nummer)

    def _add_subcontract(self, one: Onderaanneming) -> None:
        one = replace(one, nummer=one.nummer or -1 - len(self.onderaannemingen))
        self.onderaannemingen[one.nummer] = one
        self._onder_hoofd.setdefault(one.hoofd, []).append(one.nummer)

    def _end_contract(self, einde: ContractEinde) -> None:
        nummer, stuk = self.contracten.get(einde.welk, (0, None))
        if stuk is None or nummer != einde.nummer:
            raise OngeldigeVelden({"welk": "Dit contract is niet van deze aanbieder."})
        _refuse(_period(stuk.vanaf, einde.tot))
        self.contracten[einde.welk] = (nummer, replace(stuk, tot=einde.tot))

    def _end_subcontract(self, einde: OnderaannemerEinde) -> None:
        one = self.onderaannemingen.get(einde.welk)
        if one is None:
            raise OngeldigeVelden({"welk": "Deze onderaanneming is er niet."})
        if einde.nummer not in (one.hoofd, one.onder):
            raise OngeldigeVelden({"welk": "Deze onderaanneming is niet van deze aanbieder."})
        _refuse(_period(one.vanaf, einde.tot))
        self.onderaannemingen[einde.welk] = replace(one, tot=einde.tot)


def _check_contract(stand: Registerstand, nummer: int, stuk: Contractstuk) -> None:
    """The document of a contract."""
    fouten = _unknown(stand, "nummer", nummer) | _period(stuk.vanaf, stuk.tot)
    for veld, text in (
        ("overeenkomst", stuk.overeenkomst),
        ("documentnummer", stuk.documentnummer),
    ):
        if not 0 < len(text) <= LONGEST:
            fouten[veld] = f"Vul hier 1 tot en met {LONGEST} tekens in."
    if len(stuk.opmerking) > LONGEST_REMARK:
        fouten["opmerking"] = f"Houd het bij {LONGEST_REMARK} tekens."
    elif mask(stuk.opmerking) != stuk.opmerking:
        fouten["opmerking"] = "Hier staat een nummer dat een BSN kan zijn. Haal het weg."
    _refuse(fouten)


def _check_onderaanneming(
    stand: Registerstand, nieuw: Onderaanneming, bekend: Iterable[Onderaanneming]
) -> None:
    """Work of one provider for another; `bekend` are those that the main contractor has."""
    fouten = _unknown(stand, "hoofd", nieuw.hoofd) | _unknown(stand, "onder", nieuw.onder)
    fouten |= _period(nieuw.vanaf, nieuw.tot)
    if nieuw.hoofd == nieuw.onder:
        fouten["onder"] = "Niemand is onderaannemer van zichzelf."
    if nieuw.wet not in (None, *WETTEN):
        fouten["wet"] = "Kies jeugdwet of wmo, of geen van beide."
    if nieuw.productcategorie is not None and not _CATEGORIE.fullmatch(nieuw.productcategorie):
        fouten["productcategorie"] = "Een productcategorie heeft cijfers of hoofdletters, zoals 45."
    if not nieuw.goedgekeurd_door.strip():
        fouten["goedgekeurd_door"] = "Vul in wie dit heeft goedgekeurd: een afdeling of functie."
    elif len(nieuw.goedgekeurd_door) > LONGEST_APPROVER:
        fouten["goedgekeurd_door"] = f"Houd het bij {LONGEST_APPROVER} tekens."
    _refuse(fouten)
    for one in bekend:
        if _same(one, nieuw) and _overlap(one, nieuw):
            _refuse({"vanaf": f"Dit is al goedgekeurd vanaf {one.vanaf}."})


def check_crediteur(
    stand: Registerstand, nummer: int, nieuw: Crediteur, bekend: Iterable[Crediteur]
) -> None:
    """The number in the books of a municipality, that has one from each day on."""
    fouten = _unknown(stand, "nummer", nummer)
    if not _CREDITEUR.fullmatch(nieuw.crediteurnummer):
        fouten["crediteurnummer"] = "Gebruik cijfers, letters en de tekens . / en -."
    if any(one.vanaf == nieuw.vanaf for one in bekend):
        fouten["vanaf"] = f"Er gaat op {nieuw.vanaf} al een nummer in; kies een andere dag."
    _refuse(fouten)


def _unknown(stand: Registerstand, veld: str, nummer: int) -> dict[str, str]:
    is_known = nummer in stand.aanbieders
    return {} if is_known else {veld: f"Aanbieder {nummer} staat niet in het register."}


def _period(vanaf: date, tot: date | None) -> dict[str, str]:
    is_wrong = tot is not None and tot < vanaf
    return {"tot": f"De laatste dag ligt niet voor {vanaf}."} if is_wrong else {}


def _same(one: Onderaanneming, other: Onderaanneming) -> bool:
    return (one.hoofd, one.onder, one.wet, one.productcategorie) == (
        other.hoofd,
        other.onder,
        other.wet,
        other.productcategorie,
    )


def _overlap(one: Onderaanneming, other: Onderaanneming) -> bool:
    return (one.tot is None or other.vanaf <= one.tot) and (
        other.tot is None or one.vanaf <= other.tot
    )


def _refuse(fouten: dict[str, str]) -> None:
    if fouten:
        raise OngeldigeVelden(fouten)
