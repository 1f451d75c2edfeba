"""Which assignments a granted request comes to, and what a 301 of our own has to keep to.

The 301 after a VOT follows IV094, the one after a VOW IV093 and the table of the life cycle: an
assignment keeps its number as long as only its Einddatum, its Budget, or its Volume at frequency 6
changes; any other Omvang ends it the day before and goes on under a new number.

Everything here is pure: new numbers and the moment of assigning are passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from gateway.periods.datums import datum_lang
from gateway.periods.hoeveelheid import omvang_in_words
from gateway.records.omvang import Omvang
from gateway.records.toewijzing import ToegewezenProduct
from gateway.records.verzoek import (
    AangevraagdProduct,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
)

VERZOEK, VERWIJDERD = "12", "13"
BINNEN_DE_GELDIGHEID = "6"
DAG = timedelta(days=1)
SECONDE = timedelta(seconds=1)
LAATSTE_DAG = date.max - DAG  # the last day that has a next one
# What may differ between an assignment and the same one as it is sent again (IV099).
_NIET_VERGELEKEN: Mapping[str, Any] = {
    "pad": "",
    "bekend_op": date.min,
    "referentie_aanbieder": None,
    "toewijzingsdatum": date.min,
    "toewijzingstijd": "",
    "reden_wijziging": None,
    "commentaar": None,
    "gezin": None,
}


@dataclass(frozen=True, slots=True)
class Bezwaar:
    """Why no 301 may be made: the rule, the JSON path of what is wrong, one Dutch sentence."""

    rule: str
    pad: str
    text: str
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grond:
    """On what assignments are made: for whom, when, and the versions that there are.

    `versies` are the latest versions by number, of this client at this aanbieder.  `nu` is the
    moment of assigning in the Netherlands.  `nummers` gives the next free ToewijzingNummer.
    """

    bsn: str
    aanbieder: str
    nu: datetime
    versies: Mapping[int, ToegewezenProduct]
    nummers: Iterator[int]

    def moment(self, nummer: int) -> tuple[date, str]:
        """Toewijzingsdatum and -tijd of a new version: later than every earlier one (IV013)."""
        nu = self.nu.replace(tzinfo=None, microsecond=0)
        eerder = self.versies.get(nummer)
        if eerder is not None:
            nu = max(nu, _moment_of(eerder) + SECONDE)
        return nu.date(), nu.time().isoformat()

    def new(
        self,
        product: tuple[str | None, str | None],
        looptijd: tuple[date, date | None],
        omvang: Omvang | None,
        budget: int | None,
        referentie: str | None = None,
    ) -> ToegewezenProduct:
        """An assignment under a new number."""
        nummer = next(self.nummers)
        datum, tijd = self.moment(nummer)
        return ToegewezenProduct(
            pad="",
            bsn=self.bsn,
            aanbieder=self.aanbieder,
            bekend_op=datum,
            toewijzingnummer=nummer,
            referentie_aanbieder=referentie,
            productcategorie=product[0],
            productcode=product[1],
            toewijzingsdatum=datum,
            toewijzingstijd=tijd,
            ingangsdatum=looptijd[0],
            einddatum=looptijd[1],
            reden_wijziging=None,
            volume=None if omvang is None else omvang.volume,
            eenheid=None if omvang is None else omvang.eenheid,
            frequentie=None if omvang is None else omvang.frequentie,
            budget=budget,
            commentaar=None,
        )

    def dated(self, given: ToegewezenProduct) -> ToegewezenProduct:
        """An assignment with the moment of assigning; sent again unchanged it keeps its own."""
        eerder = self.versies.get(given.toewijzingnummer)
        if eerder is not None and not differs(given, eerder):
            datum, tijd = eerder.toewijzingsdatum, eerder.toewijzingstijd
        else:
            datum, tijd = self.moment(given.toewijzingnummer)
        return given._replace(toewijzingsdatum=datum, toewijzingstijd=tijd)

    def changed(self, wordt: ToegewezenProduct, reden: str) -> ToegewezenProduct:
        """An assignment that is there, as its next version."""
        datum, tijd = self.moment(wordt.toewijzingnummer)
        return wordt._replace(toewijzingsdatum=datum, toewijzingstijd=tijd, reden_wijziging=reden)


def _moment_of(versie: ToegewezenProduct) -> datetime:
    """When a version was assigned; its Toewijzingstijd may be 24:00:00, which is the next day."""
    uren, minuten, seconden = map(int, versie.toewijzingstijd[:8].split(":"))
    begin = datetime.combine(min(versie.toewijzingsdatum, LAATSTE_DAG), time.min)
    return begin + timedelta(hours=uren, minutes=minuten, seconds=seconden)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wens:
    """What a VOW asks for, with the day from which it is granted where that is another one."""

    referentie: str
    ongewijzigd: Sequence[OngewijzigdProduct] = ()
    te_wijzigen: Sequence[TeWijzigenProduct] = ()
    nieuw: Sequence[NieuwProduct] = ()
    vanaf: date | None = None

    def begin(self, gewenst: date) -> date:
        """From when something that was asked for is granted."""
        return gewenst if self.vanaf is None else max(gewenst, self.vanaf)


class Zorg(NamedTuple):
    """What is assigned, apart from when."""

    productcategorie: str | None
    productcode: str | None
    omvang: Omvang | None
    budget: int | None


@dataclass(slots=True)
class Toekenning:
    """The assignments that a request comes to, or what stands in the way."""

    producten: list[ToegewezenProduct] = field(default_factory=list)
    bezwaren: list[Bezwaar] = field(default_factory=list)


def grant_vot(gevraagd: AangevraagdProduct, grond: Grond) -> Toekenning:
    """The assignment that a VOT asks for, as it was asked for.

    What goes on unchanged prolongs the assignment that there is (OP380).
    """
    zorg = Zorg(gevraagd.productcategorie, gevraagd.productcode, gevraagd.omvang, gevraagd.budget)
    referentie = gevraagd.referentie_aanbieder
    for eerder in _prolonged(zorg, gevraagd.ingangsdatum, grond):
        wordt = eerder._replace(einddatum=gevraagd.einddatum, referentie_aanbieder=referentie)
        return Toekenning([grond.changed(wordt, VERZOEK)])
    looptijd = (gevraagd.ingangsdatum, gevraagd.einddatum)
    new = grond.new(zorg[:2], looptijd, gevraagd.omvang, gevraagd.budget, referentie)
    return Toekenning([new])


def grant_vow(wens: Wens, grond: Grond) -> Toekenning:
    """The whole situation that a VOW asks for; every assignment names the request."""
    found = Toekenning()
    for ongewijzigd in wens.ongewijzigd:
        if (versie := _standing(ongewijzigd.toewijzingnummer, grond, found)) is not None:
            found.producten.append(versie._replace(reden_wijziging=None))
    for te_wijzigen in wens.te_wijzigen:
        if (versie := _standing(te_wijzigen.toewijzingnummer, grond, found)) is not None:
            found.producten += _changed(versie, te_wijzigen, wens, grond)
    for nieuw in wens.nieuw:
        product = (nieuw.productcategorie, nieuw.productcode)
        looptijd = (wens.begin(nieuw.ingangsdatum), nieuw.einddatum)
        found.producten.append(grond.new(product, looptijd, nieuw.omvang, nieuw.budget))
    found.producten = [
        one._replace(referentie_aanbieder=wens.referentie) for one in found.producten
    ]
    return found


def _standing(nummer: int, grond: Grond, found: Toekenning) -> ToegewezenProduct | None:
    """The assignment that a VOW speaks of; that it is gone meanwhile stands in the way."""
    versie = grond.versies.get(nummer)
    if versie is None or versie.is_ingetrokken:
        text = f"toewijzing {nummer} uit het verzoek loopt niet meer"
        found.bezwaren.append(Bezwaar("IV093", "$.referentieAanbieder", text, str(nummer)))
        return None
    return versie


def _changed(
    versie: ToegewezenProduct, gewenst: TeWijzigenProduct, wens: Wens, grond: Grond
) -> list[ToegewezenProduct]:
    """The versions that a TeWijzigenProduct comes to: one, or two when the number ends."""
    if keeps_number(versie, gewenst):
        return [_adapted(versie, gewenst, wens, grond)]
    begin = wens.begin(gewenst.ingangsdatum)
    product = (versie.productcategorie, versie.productcode)
    looptijd = (begin, gewenst.einddatum)
    return [
        _ended(versie, begin, grond),
        grond.new(product, looptijd, gewenst.omvang, gewenst.budget),
    ]


def keeps_number(versie: ToegewezenProduct, gewenst: TeWijzigenProduct) -> bool:
    """Whether a change fits under the number that there is (IV093)."""
    return _fits(versie.omvang, gewenst.omvang)


def _fits(was: Omvang | None, wordt: Omvang | None) -> bool:
    """Whether an Omvang may become another one under the same number (OP257)."""
    if was is not None and wordt is not None and was.frequentie == BINNEN_DE_GELDIGHEID:
        return (was.eenheid, was.frequentie) == (wordt.eenheid, wordt.frequentie)
    return was == wordt


def _adapted(
    versie: ToegewezenProduct, gewenst: TeWijzigenProduct, wens: Wens, grond: Grond
) -> ToegewezenProduct:
    """The next version under the same number; one that turns out the same is not changed."""
    end = gewenst.einddatum
    vanaf = wens.vanaf or date.min
    if end is not None and vanaf > end and ends_earlier(versie, gewenst):
        # What should have ended by now goes on until what follows it begins.
        end = min(vanaf - DAG, versie.einddatum or date.max)
    wordt = versie._replace(einddatum=end, volume=gewenst.volume, budget=gewenst.budget)
    if not differs(wordt, versie):
        return versie._replace(reden_wijziging=None)
    return grond.changed(wordt, VERZOEK)


def ends_earlier(versie: ToegewezenProduct, gewenst: TeWijzigenProduct) -> bool:
    """Whether an assignment is asked to end before the day on which it would."""
    end = gewenst.einddatum
    return end is not None and (versie.einddatum is None or end < versie.einddatum)


def _ended(versie: ToegewezenProduct, begin: date, grond: Grond) -> ToegewezenProduct:
    """An assignment that another one replaces from a day on; withdrawn when nothing is left."""
    if begin <= versie.ingangsdatum:
        return grond.changed(versie._replace(einddatum=versie.ingangsdatum), VERWIJDERD)
    return grond.changed(versie._replace(einddatum=begin - DAG), VERZOEK)


def completed(producten: Sequence[ToegewezenProduct], grond: Grond) -> list[ToegewezenProduct]:
    """The assignments with all others that are actual on the day of assigning (OP087)."""
    named = {one.toewijzingnummer for one in producten}
    others = [
        one._replace(reden_wijziging=None, referentie_aanbieder=None)
        for nummer, one in sorted(grond.versies.items())
        if nummer not in named and one.is_actueel(grond.nu.date())
    ]
    return [*producten, *others]


def objections(given: Iterable[tuple[str, ToegewezenProduct]], grond: Grond) -> Iterator[Bezwaar]:
    """What stands in the way of assignments that the backoffice asks for, by their JSON path."""
    for pad, one in given:
        eerder = grond.versies.get(one.toewijzingnummer)
        yield from _reason_missing(pad, one, eerder)
        yield from _to_be_prolonged(pad, one, grond) if eerder is None else ()
        yield from _to_be_replaced(pad, one, eerder) if eerder is not None else ()


def _reason_missing(
    pad: str, one: ToegewezenProduct, eerder: ToegewezenProduct | None
) -> Iterator[Bezwaar]:
    """IV099: a RedenWijziging exactly when the assignment changed since it was last sent."""
    nummer = one.toewijzingnummer
    changes = eerder is not None and differs(one, eerder)
    if changes and one.reden_wijziging is None:
        text = f"toewijzing {nummer} wijzigt; daar hoort een redenWijziging bij"
        yield Bezwaar("IV099", f"{pad}.redenWijziging", text, "", "een code")
    # Sent again after the other side refused it, a version keeps the reason that it had.
    if not changes and one.reden_wijziging not in (None, eerder and eerder.reden_wijziging):
        what = "is nieuw" if eerder is None else "wijzigt niet"
        text = f"toewijzing {nummer} {what}; daar hoort geen redenWijziging bij"
        yield Bezwaar("IV099", f"{pad}.redenWijziging", text, one.reden_wijziging or "", "geen")


def differs(one: ToegewezenProduct, eerder: ToegewezenProduct) -> bool:
    """Whether a version tells anything else of an assignment than an earlier one."""
    if one.is_verwijderd != eerder.is_verwijderd:
        return True
    return one._replace(**_NIET_VERGELEKEN) != eerder._replace(**_NIET_VERGELEKEN)


def _to_be_prolonged(pad: str, one: ToegewezenProduct, grond: Grond) -> Iterator[Bezwaar]:
    """OP380: what goes on unchanged is prolonged, and gets no new number."""
    for eerder in _prolonged(_care(one), one.ingangsdatum, grond):
        nummer = eerder.toewijzingnummer
        text = (
            f"dezelfde zorg loopt door na toewijzing {nummer}; verleng die met een latere "
            "einddatum in plaats van een nieuw nummer te geven"
        )
        yield Bezwaar("OP380", pad, text, datum_lang(one.ingangsdatum), f"toewijzing {nummer}")


def _prolonged(zorg: Zorg, ingang: date, grond: Grond) -> Iterator[ToegewezenProduct]:
    """The assignments of the same care that end the day before, and have not ended yet (OP380)."""
    vandaag = grond.nu.date()
    for eerder in grond.versies.values():
        if (
            eerder.einddatum is not None
            and vandaag <= eerder.einddatum
            and ingang - eerder.einddatum == DAG
            and eerder.frequentie != BINNEN_DE_GELDIGHEID
            and not eerder.is_ingetrokken
            and _care(eerder) == zorg
        ):
            yield eerder


def _to_be_replaced(
    pad: str, one: ToegewezenProduct, eerder: ToegewezenProduct
) -> Iterator[Bezwaar]:
    """OP257: another Omvang is another assignment, but for the Volume at frequency 6."""
    if not _fits(eerder.omvang, one.omvang):
        text = (
            f"de omvang van toewijzing {one.toewijzingnummer} wijzigt; beëindig die en geef een "
            "nieuw nummer vanaf de dag van de wijziging"
        )
        yield Bezwaar("OP257", pad, text, _said(one.omvang), _said(eerder.omvang))


def _said(omvang: Omvang | None) -> str:
    return (
        "geen"
        if omvang is None
        else omvang_in_words(omvang.volume, omvang.eenheid, omvang.frequentie)
    )


def _care(one: ToegewezenProduct) -> Zorg:
    return Zorg(one.productcategorie, one.productcode, one.omvang, one.budget)


def may_move(wens: Wens, grond: Grond, *, instemming: bool) -> Iterator[Bezwaar]:
    """OP348: a VOW is granted as it was asked for; only a day that has passed may move."""
    if wens.vanaf is None:
        return
    first = min(_first_days(wens, grond), default=wens.vanaf)
    if first > grond.nu.date():
        text = f"de gewenste datum {datum_lang(first)} is nog niet voorbij en kan niet verschuiven"
        yield Bezwaar("OP348", "$.vanaf", text, datum_lang(wens.vanaf), datum_lang(first))
    if wens.vanaf < first:
        text = "een wijziging kan niet eerder ingaan dan is gevraagd"
        later = f"{datum_lang(first)} of later"
        yield Bezwaar("OP348", "$.vanaf", text, datum_lang(wens.vanaf), later)
    if not instemming:
        text = "verschuiven kan alleen met instemming van de aanbieder"
        yield Bezwaar("OP348", "$.instemming", text, "false", "true")


def _first_days(wens: Wens, grond: Grond) -> Iterator[date]:
    """The days from which a VOW asks for something else than there is."""
    yield from (one.ingangsdatum for one in wens.nieuw)
    for one in wens.te_wijzigen:
        versie = grond.versies.get(one.toewijzingnummer)
        if versie is None:
            continue
        if not keeps_number(versie, one):
            yield one.ingangsdatum
        elif ends_earlier(versie, one) and one.einddatum is not None:
            yield min(one.einddatum, LAATSTE_DAG) + DAG
