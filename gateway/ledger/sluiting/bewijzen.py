"""Puts amounts together to the proofs of a year; where they come from is not known here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.ledger.geld.opname import Opname
from gateway.ledger.jaareinde.traject import Overloop
from gateway.ledger.sluiting import regels
from gateway.ledger.sluiting.bewijs import (
    PLEK,
    Bedragen,
    Bewijs,
    Post,
    Sleutel,
    by_municipality,
    less,
    negative,
    summed,
)

Standen = Mapping[str, Bedragen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Geboekt:
    """What lines and judging come to: `debet` and `credit` of all years, `begonnen` of the year.

    `erbij` are parts of lines of other years that belong to the year by their days, `eraf` parts
    of lines of the year that belong to other ones; `besteed` is what judging kept of the year.
    """

    debet: Bedragen
    credit: Bedragen
    begonnen: Bedragen
    erbij: Bedragen
    eraf: Bedragen
    besteed: Bedragen


@dataclass(frozen=True, slots=True, kw_only=True)
class Gefactureerd:
    """What approved invoices outside the traffic come to; see Geboekt."""

    begonnen: Bedragen
    erbij: Bedragen
    eraf: Bedragen

    @property
    def naar_dagen(self) -> Sequence[Post]:
        """What of them belongs to the year by their days."""
        return [
            Post("factuurregels naar begindatum", self.begonnen),
            Post("deel van factuurregels uit andere jaren", self.erbij),
            Post("deel van factuurregels dat bij andere jaren hoort", negative(self.eraf)),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Betaald:
    """What payments come to, beside what became of lines (`regels`, and `credits` among them).

    `inhoud` is what the lines of released payments are together, by what became of it, and
    `afgetrokken` the credits in any payment.  Of the money itself `overgemaakt` was paid for good
    and `onderweg` not yet; `doorgeschoven` (below nothing) and `teruggekomen` are open balances.
    """

    regels: Standen
    credits: Standen
    inhoud: Standen
    afgetrokken: Bedragen
    overgemaakt: Bedragen
    onderweg: Bedragen
    doorgeschoven: Bedragen
    teruggekomen: Bedragen


@dataclass(slots=True)
class Jaareinde:
    """The year end: by aanbieder what is granted of the year, by municipality that of all years.

    Of start parts of trajectories that run over: by which line each was paid (`startdelen`, message
    and number), to which years it belongs, and what moves out of the year (`vooruit`) and into it
    (`overgenomen`).
    """

    jaar: int
    netto: dict[Sleutel, int] = field(default_factory=dict)
    alle_jaren: dict[Sleutel, int] = field(default_factory=dict)
    startdelen: dict[tuple[int, int], regels.Overlopend] = field(default_factory=dict)
    eerder: dict[Sleutel, int] = field(default_factory=dict)
    dit_jaar: dict[Sleutel, int] = field(default_factory=dict)
    later: dict[Sleutel, int] = field(default_factory=dict)
    vooruit: dict[Sleutel, int] = field(default_factory=dict)
    overgenomen: dict[Sleutel, int] = field(default_factory=dict)

    def add(self, gemeente: str, one: Overloop) -> None:
        """Count a start part."""
        deel, moved = one.deel, one.verschuiving.get(self.jaar, 0)
        key = (gemeente, deel.aanbieder)
        own = regels.Overlopend(*key, deel.begindatum, deel.einddatum, one.jaren)
        self.startdelen[deel.inbox_id, deel.regelnr] = own
        _add(self.vooruit if moved < 0 else self.overgenomen, key, abs(moved))
        for year, cents in one.jaren.items():
            _add(self._of(year), key, cents)

    def _of(self, year: int) -> dict[Sleutel, int]:
        if year == self.jaar:
            return self.dit_jaar
        return self.eerder if year < self.jaar else self.later


@dataclass(frozen=True, slots=True, kw_only=True)
class Pakket:
    """What packs say, by aanbieder; `regels` and `factuurregels` are None where not read."""

    netto: Bedragen
    lasten: Bedragen
    facturen: Bedragen
    regels: Bedragen | None = None
    factuurregels: Bedragen | None = None
    fouten: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nazorg:
    """Credit requests, invoices outside the traffic, and settlements between municipalities.

    `verrekende_regels` is what the lines of settlements came to when they were made; of the same
    lines the ledger has `nog_toegekend` as it was, and `later_gecrediteerd` was credited since.
    """

    op_verzoek: Bedragen
    credits_op_verzoek: Bedragen
    facturen: Bedragen
    factuurregels: Standen
    verrekend: Bedragen
    verrekende_regels: Bedragen
    nog_toegekend: Bedragen
    later_gecrediteerd: Bedragen
    teruggenomen: Bedragen


@dataclass(frozen=True, slots=True)
class Gegevens:
    """Everything that the proofs of a year are made of; `fouten` are those of the ledger.

    `startregels` is what the ledger has of the lines that start parts were paid by.
    """

    jaar: int
    geboekt: Geboekt
    gefactureerd: Gefactureerd
    betaald: Betaald
    jaareinde: Jaareinde
    startregels: Bedragen
    nazorg: Nazorg
    opname: Opname
    pakket: Pakket | None = None
    fouten: Sequence[str] = field(default_factory=tuple)
    betaalfouten: Sequence[str] = field(default_factory=tuple)


def proofs(van: Gegevens) -> Iterator[Bewijs]:
    """All proofs, in the order in which a controller goes through them."""
    yield from _ledger(van)
    yield from _year_end(van)
    yield from _payment(van)
    yield from _credits(van)
    yield from _overrun(van)
    yield from _settlements(van)


def _ledger(van: Gegevens) -> Iterator[Bewijs]:
    spent = Post("besteed", van.geboekt.besteed)
    yield Bewijs(
        code="grootboek",
        wat="de regels van het jaar zijn wat bij het beoordelen als besteed is geboekt",
        links=[Post("toegekende regels naar begindatum", van.geboekt.begonnen)],
        rechts=[spent],
        regels=regels.BEGIN,
        fouten=van.fouten,
    )
    # What was granted on numbers that nobody knows is on no obligation.
    realised = summed(
        ((groep.gemeente, groep.aanbieder), one.som.gerealiseerd - one.som.los)
        for groep, one in van.opname.groepen.items()
    )
    yield Bewijs(
        code="gerealiseerd",
        wat="wat als besteed is geboekt, is gerealiseerd op verplichtingen die er zijn",
        links=[spent],
        rechts=[
            Post("gerealiseerd op verplichtingen", realised),
            Post("waarvan op facturen", negative(van.gefactureerd.begonnen)),
        ],
        regels=regels.BEGIN,
    )


def _year_end(van: Gegevens) -> Iterator[Bewijs]:
    geboekt, einde = van.geboekt, van.jaareinde
    by_days = [
        Post("toegekende regels naar begindatum", geboekt.begonnen),
        Post("deel van regels uit andere jaren", geboekt.erbij),
        Post("deel dat bij andere jaren hoort", negative(geboekt.eraf)),
    ]
    yield Bewijs(
        code="jaargrens",
        wat="van begindatum naar dagen: wat over de jaargrens loopt, is verdeeld",
        links=by_days,
        rechts=[Post("jaareinde, netto naar dagen", einde.netto)],
        regels=regels.DAGEN,
    )
    yield Bewijs(
        code="jaren",
        wat="alle jaren van het jaareinde samen zijn alle toegekende regels",
        per=PLEK[:1],
        links=[Post(one.naam, by_municipality(one.bedragen)) for one in _granted(geboekt)],
        rechts=[Post("alle jaren van het jaareinde", einde.alle_jaren)],
        regels=regels.ALLE,
    )
    pakket = van.pakket
    if pakket is None:
        return
    yield Bewijs(
        code="pakket",
        wat="het pakket voor de accountant heeft per aanbieder hetzelfde",
        links=by_days,
        rechts=[Post("netto in het pakket", pakket.netto)],
        regels=regels.DAGEN,
        fouten=pakket.fouten,
    )
    if pakket.regels is not None:
        yield Bewijs(
            code="pakketregels",
            wat="de regels in het pakket tellen op tot zijn totalen",
            links=[Post("regels in het pakket", pakket.regels)],
            rechts=[Post("netto in het pakket", pakket.netto)],
            regels=regels.DAGEN,
        )
    yield from _invoices_in_pack(van.gefactureerd, pakket)
    yield Bewijs(
        code="lasten",
        wat="de lasten in het pakket zijn netto, min vooruitbetaald, plus overgenomen en facturen",
        links=[
            *by_days,
            *van.gefactureerd.naar_dagen,
            Post("vooruitbetaald voor latere jaren", negative(einde.vooruit)),
            Post("overgenomen uit eerdere jaren", einde.overgenomen),
        ],
        rechts=[Post("lasten in het pakket", pakket.lasten)],
        regels=regels.LASTEN,
    )


def _invoices_in_pack(gefactureerd: Gefactureerd, pakket: Pakket) -> Iterator[Bewijs]:
    in_pack = Post("facturen in het pakket", pakket.facturen)
    yield Bewijs(
        code="jaarfacturen",
        wat="het pakket heeft per aanbieder de facturen van het jaar, naar dagen",
        links=gefactureerd.naar_dagen,
        rechts=[in_pack],
        regels=regels.FACTUURDAGEN,
    )
    if pakket.factuurregels is not None:
        yield Bewijs(
            code="pakketfacturen",
            wat="de factuurregels in het pakket tellen op tot zijn totalen",
            links=[Post("factuurregels in het pakket", pakket.factuurregels)],
            rechts=[in_pack],
            regels=regels.FACTUURDAGEN,
        )


def _granted(geboekt: Geboekt) -> Iterator[Post]:
    yield Post("toegekend", geboekt.debet)
    yield Post("gecrediteerd", negative(geboekt.credit))


def _payment(van: Gegevens) -> Iterator[Bewijs]:
    betaald, nazorg, none = van.betaald, van.nazorg, dict[Sleutel, int]()
    waiting = (regels.IN_RUN, regels.OPEN, regels.GEBLOKKEERD, regels.NIET_VERZONDEN)

    def declared(stand: str) -> Post:
        """Payments have declaraties and invoices in one; the invoices are proved by themselves."""
        whole, invoiced = betaald.inhoud.get(stand, none), nazorg.factuurregels.get(stand, none)
        return Post(stand, less(whole, invoiced))

    yield Bewijs(
        code="betaling",
        wat="wat is toegekend, is betaald of staat ergens open",
        links=[*_granted(van.geboekt)],
        rechts=[
            *map(declared, regels.VRIJGEGEVEN),
            *(Post(one, betaald.regels.get(one, none)) for one in (*waiting, regels.ELDERS)),
        ],
        regels=regels.ALLE,
        fouten=van.betaalfouten,
    )
    yield Bewijs(
        code="bank",
        wat="wat in betalingen zit, is overgemaakt of onderweg, of staat als saldo open",
        links=[Post(one, betaald.inhoud.get(one, none)) for one in regels.VRIJGEGEVEN],
        rechts=[
            Post("overgemaakt", betaald.overgemaakt),
            Post("nog niet bevestigd door de bank", betaald.onderweg),
            Post("doorgeschoven", betaald.doorgeschoven),
            Post("teruggekomen en nog open", betaald.teruggekomen),
        ],
        regels=regels.BETALINGEN,
    )
    yield Bewijs(
        code="facturen",
        wat="goedgekeurde facturen zijn hun regels: in een betaling, of zij staan ergens open",
        links=[Post("goedgekeurde facturen", nazorg.facturen)],
        rechts=[
            Post(one, nazorg.factuurregels.get(one, none))
            for one in (*regels.VRIJGEGEVEN, *waiting[:-1], regels.ELDERS)
        ],
        regels=regels.FACTUREN,
    )


def _credits(van: Gegevens) -> Iterator[Bewijs]:
    betaald, nazorg = van.betaald, van.nazorg
    in_payment = (regels.IN_RUN, *regels.VRIJGEGEVEN)
    yield Bewijs(
        code="credits",
        wat="de credits van het grootboek zijn verrekend in betalingen of staan open",
        links=[Post("gecrediteerd", van.geboekt.credit)],
        rechts=[
            Post("credits in betalingen", betaald.afgetrokken),
            *(
                Post(f"credits {stand}", bedragen)
                for stand, bedragen in sorted(betaald.credits.items())
                if stand not in in_payment
            ),
        ],
        regels=regels.CREDITS,
    )
    yield Bewijs(
        code="creditverzoeken",
        wat="wat op verzoek is gecrediteerd, staat als credit in het grootboek",
        links=[Post("gecrediteerd op verzoek", nazorg.op_verzoek)],
        rechts=[Post("credits op regels van verzoeken", nazorg.credits_op_verzoek)],
        regels=regels.OP_VERZOEK,
    )


def _overrun(van: Gegevens) -> Iterator[Bewijs]:
    einde = van.jaareinde
    yield Bewijs(
        code="overlopend",
        wat="wat bij de start van een traject is betaald, hoort bij dit jaar of bij andere",
        links=[Post("startdelen als regels in het grootboek", van.startregels)],
        rechts=[
            Post("hoort bij dit jaar", einde.dit_jaar),
            Post("hoort bij eerdere jaren", einde.eerder),
            Post("hoort bij latere jaren", einde.later),
        ],
        regels=regels.OVERLOPEND,
    )


def _add(to: dict[Sleutel, int], key: Sleutel, cents: int) -> None:
    to[key] = to.get(key, 0) + cents


def _settlements(van: Gegevens) -> Iterator[Bewijs]:
    nazorg, names = van.nazorg, ("van", "aan")
    lines = Post("regels van de verrekening", nazorg.verrekende_regels)
    yield Bewijs(
        code="verrekening",
        wat="wat gemeenten verrekenen, zijn de regels daarvan",
        per=names,
        links=[Post("verrekening", nazorg.verrekend)],
        rechts=[lines],
        regels=regels.VERREKENINGEN,
    )
    yield Bewijs(
        code="verrekeningsregels",
        wat="wat is verrekend, is nog zo toegekend, later gecrediteerd of een credit",
        per=names,
        links=[lines],
        rechts=[
            Post("nog zo toegekend", nazorg.nog_toegekend),
            Post("later gecrediteerd", nazorg.later_gecrediteerd),
            Post("credits in tegenposten", nazorg.teruggenomen),
        ],
        regels=regels.VERREKENINGEN,
    )
