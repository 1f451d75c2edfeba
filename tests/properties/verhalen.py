"""Draws small stories: assignments, what is delivered and asked under them, what is invoiced.

A story is told in circles that have nothing to do with each other: one municipality, one provider
and one law each.  Every message may be right or have a fault of its own.  Which messages it comes
after is known, so that a story can be told in another order.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from gateway.messages.record_writer import write_message
from tests.rules.bouw import DEFAULTS, EMPTY, record
from tests.scenarios.uitkomst import MAPS, layout
from tests.scenarios.verhaal import PREFIX, TYPES, translated

KLOK = date(2025, 12, 5)
BSNS = ("999900006", "999900018", "999900031")
CODES = ("45A03", "45A05")
VREEMD = "999900043"  # a client without any assignment
KRINGEN = (
    ("jeugdwet", "0193", "65656055"),
    ("jeugdwet", "0193", "65656065"),
    ("jeugdwet", "0150", "65656055"),
    ("wmo", "0193", "65656055"),
)
VAN_GEMEENTE = ("301", "319")

Tabel = dict[str, Any]
Record = Any

# What can be wrong with a line, a start, a stop or an assignment: values that replace good ones.
REGELFOUTEN: tuple[Tabel, ...] = (
    {},
    {},
    {"toewijzingnummer": 99999999},
    {"productcode": "45A04"},
    {"eenheid": "16"},
    {"begindatum": date(2024, 12, 1), "einddatum": date(2024, 12, 31)},
    {"geleverd_volume": 999999, "producttarief": 1, "ingediend_bedrag": 999999},
    {"ingediend_bedrag": 1},
    {"bsn": VREEMD},
)
# What refuses an invoice as a whole, in its first line.
HELEFOUTEN: tuple[Tabel, ...] = (
    *[{}] * 8,
    {"begindatum": date(2026, 1, 1), "einddatum": date(2026, 1, 31)},
    {"producttarief": EMPTY},
)
LEVERFOUTEN: tuple[Tabel, ...] = (
    {},
    {},
    {"toewijzingnummer": 99999999},
    {"productcode": "45A04"},
    {"toewijzing_ingangsdatum": date(2025, 2, 1)},
    {"begindatum": date(2024, 12, 1)},
    {"begindatum": date(2026, 2, 1)},
    {"status_aanlevering": "3"},
)
KOPFOUTEN: tuple[Tabel, ...] = (
    *[{}] * 10,
    {"dagtekening": date(2026, 1, 1)},
    {"identificatie": "DUBBEL"},
)
VERZOEKFOUTEN: tuple[Tabel, ...] = (
    {},
    {},
    {"toewijzingnummer": 99999999},
    {"ingangsdatum": date(2027, 1, 1)},
    {"frequentie": "6", "einddatum": EMPTY},
)


@dataclass(frozen=True, slots=True)
class Bericht:
    """One message of a story; `na` are the names of those that it may not go before."""

    stam: str
    naam: str
    body: bytes
    na: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Toegewezen:
    """An assignment as lines and starts name it."""

    bsn: str
    nummer: int
    productcode: str

    @property
    def named(self) -> Tabel:
        """How a line, a start or a stop names it."""
        return {
            "bsn": self.bsn,
            "toewijzingnummer": self.nummer,
            "productcode": self.productcode,
        }


class Kring:
    """Makes the messages of one municipality, one provider and one law."""

    def __init__(self, plaats: int) -> None:
        self.wet, self.gemeente, self.aanbieder = KRINGEN[plaats]
        self._plaats = plaats
        self._aantal = 0
        self.berichten: list[Bericht] = []

    def say(self, soort: str, records: Sequence[Record], kop: Tabel, na: Sequence[str]) -> str:
        """Add a message and give its name."""
        self._aantal += 1
        kind = TYPES.by_name(PREFIX[self.wet] + soort)
        sender, receiver = self.aanbieder, self.gemeente
        if soort in VAN_GEMEENTE:
            sender, receiver = receiver, sender
        base = {
            **DEFAULTS["header"]["declaratie"],
            "berichtcode": kind.code,
            "afzender": sender,
            "ontvanger": receiver,
            "identificatie": f"{soort}K{self._plaats}N{self._aantal:02}",
            "dagtekening": date(2025, 1, 2) if soort == "301" else KLOK,
        }
        named = [
            (MAPS.get(type(one).__name__, type(one).__name__), one)
            for one in (record("header", kop, base), *records)
        ]
        body = b"".join(write_message(kind, named, layout(kind.naam)))
        stam = f"{self._plaats}{self._aantal:02}-{soort}"
        self.berichten.append(Bericht(stam, kind.naam, body, tuple(na)))
        return stam

    def made(self, kind: str, given: Tabel) -> Record:
        """A record out of the defaults of this law, with other values."""
        base = translated(DEFAULTS[kind], self.wet)
        return record(kind, translated(given, self.wet), base)


@st.composite
def kringen(draw: DrawFn, plaats: int) -> list[Bericht]:
    """The messages of one circle, in an order in which they may be sent."""
    kring = Kring(plaats)
    toegewezen: list[Toegewezen] = []
    eerst: list[str] = []
    for nummer, bsn in enumerate(BSNS[: draw(st.integers(1, len(BSNS)))]):
        own = _assigned(draw, kring, bsn, 10000 * (plaats + 1) + 10 * nummer, eerst)
        toegewezen += own
    vorig = list(eerst)
    debets: list[Record] = []
    for nummer in range(draw(st.integers(1, 3))):
        regels = draw(declaratieregels(kring, toegewezen, debets, nummer))
        regels[0] = regels[0]._replace(**absent(draw(st.sampled_from(HELEFOUTEN))))
        debets += [one for one in regels if not one.is_credit]
        kop = draw(st.sampled_from(KOPFOUTEN))
        records = declaratie_records(draw, kring, regels, nummer)
        vorig = [*vorig, kring.say("323", records, kop, vorig)]
    for een in toegewezen:
        if draw(st.booleans()):
            _asked(draw, kring, een, eerst)
        if draw(st.booleans()):
            stop = _levering(draw, kring, "stop", een)
            kring.say("307", stop, draw(st.sampled_from(KOPFOUTEN)), vorig)
    return kring.berichten


def _assigned(
    draw: DrawFn, kring: Kring, bsn: str, nummer: int, eerst: list[str]
) -> list[Toegewezen]:
    """The 301 and perhaps the 305 of one client; their names are added to `eerst`."""
    found = [
        Toegewezen(bsn, nummer + place, code)
        for place, code in enumerate(CODES[: draw(st.integers(1, len(CODES)))])
    ]
    producten = [kring.made("toewijzing", one.named) for one in found]
    client = kring.made("toewijzingclient", {"bsn": bsn})
    contact = kring.made("contact", {"relatie": None})
    wrong = draw(st.sampled_from((*[{}] * 8, {"dagtekening": date(2026, 1, 1)})))
    eerst.append(kring.say("301", [client, contact, *producten], wrong, ()))
    after = eerst[-1:]
    for one in found:
        if draw(st.booleans()):
            start = _levering(draw, kring, "start", one)
            after = [kring.say("305", start, draw(st.sampled_from(KOPFOUTEN)), after)]
            eerst += after
    return found


def _levering(draw: DrawFn, kring: Kring, kind: str, een: Toegewezen) -> list[Record]:
    product = kring.made(kind, een.named | draw(st.sampled_from(LEVERFOUTEN)))
    return [kring.made("leveringclient", {"bsn": een.bsn}), product]


def _asked(draw: DrawFn, kring: Kring, een: Toegewezen, na: Sequence[str]) -> None:
    """A request of a client: for something new, or for a change."""
    wrong = draw(st.sampled_from(VERZOEKFOUTEN))
    kop = draw(st.sampled_from(KOPFOUTEN))
    # An earlier request of the same client matters, so that requests keep their order.
    earlier = [one.stam for one in kring.berichten if one.naam.endswith(("315", "317"))]
    if draw(st.booleans()):
        given = {k: v for k, v in wrong.items() if k != "toewijzingnummer"}
        product = kring.made(
            "aangevraagd", {"bsn": een.bsn, "referentie_aanbieder": f"V{een.nummer}", **given}
        )
        client = kring.made("aanvraagclient", {"bsn": een.bsn})
        kring.say("315", [client, product], kop, [*na, *earlier])
        return
    own = {"bsn": een.bsn, "referentie_aanbieder": f"W{een.nummer}"}
    client = kring.made("wijzigingclient", {"bsn": een.bsn})
    product = kring.made("te_wijzigen", {"toewijzingnummer": een.nummer, **wrong})
    kring.say("317", [client, kring.made("verzoek", own), product], kop, [*na, *earlier])


def declaratieregels(
    kring: Kring, toegewezen: Sequence[Toegewezen], debets: Sequence[Record], nummer: int
) -> SearchStrategy[list[Record]]:
    """The lines of one invoice: debets and credits, right and wrong."""
    debet = st.builds(
        lambda een, maand, volume, fout: ("D", een, maand, volume, fout),
        st.sampled_from(toegewezen),
        st.integers(1, 4),
        st.integers(0, 20),
        st.sampled_from(REGELFOUTEN),
    )
    kinds: list[SearchStrategy[Any]] = [debet]
    if debets:
        fout = st.sampled_from(({}, {}, {"geleverd_volume": 3}, {"vorig_referentienummer": "X"}))
        kinds.append(st.tuples(st.just("C"), st.sampled_from(debets), fout))
    return st.lists(st.one_of(kinds), min_size=1, max_size=6, unique_by=_once).map(
        lambda drawn: [
            _credit(one, f"C{nummer}_{volgnr}", volgnr)
            if one[0] == "C"
            else _debet(kring, one, f"R{nummer}_{volgnr}", volgnr)
            for volgnr, one in enumerate(drawn, start=1)
        ]
    )


def _once(drawn: Any) -> tuple[Any, ...]:
    """What may stand once in an invoice: a product in a month, and a credit of a line."""
    return (drawn[0], drawn[1].nummer, drawn[2]) if drawn[0] == "D" else (drawn[0], drawn[1])


def _debet(kring: Kring, drawn: Any, referentie: str, volgnr: int) -> Record:
    _, een, maand, volume, fout = drawn
    given = {
        **een.named,
        "volgnr": volgnr,
        "referentienummer": referentie,
        "begindatum": date(2025, maand, 1),
        "einddatum": last_day(2025, maand),
        "geleverd_volume": volume,
        "ingediend_bedrag": volume * 5000,
    }
    return kring.made("prestatie", given | fout)


def _credit(drawn: Any, referentie: str, volgnr: int) -> Record:
    _, debet, fout = drawn
    return debet._replace(
        volgnr=volgnr,
        referentienummer=referentie,
        debet_credit="C",
        **({"vorig_referentienummer": debet.referentienummer} | fout),
    )


def declaratie_records(
    draw: DrawFn, kring: Kring, regels: Sequence[Record], nummer: int
) -> list[Record]:
    """The Declaratie with its lines below their clients; now and then with a wrong number."""
    som = sum(one.ondertekend for one in regels) + draw(st.sampled_from((*[0] * 9, 1)))
    declaratie = kring.made(
        "declaratie",
        {
            "declaratienummer": draw(st.sampled_from((*[f"D{nummer}"] * 7, "D0"))),
            "begindatum": date(2025, 4 + nummer, 1),
            "einddatum": last_day(2025, 4 + nummer),
            "dagtekening": KLOK,
            "totaal_bedrag": abs(som),
            "debet_credit": "C" if som < 0 else "D",
        },
    )
    found = [declaratie]
    for bsn in dict.fromkeys(one.bsn for one in regels):
        found.append(kring.made("declaratieclient", {"bsn": bsn}))
        found += [one for one in regels if one.bsn == bsn]
    return found


def absent(given: Tabel) -> Tabel:
    """Values for a record that is there already."""
    return {name: None if value == EMPTY else value for name, value in given.items()}


def last_day(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


@st.composite
def verhalen(draw: DrawFn, most: int = 1) -> list[Bericht]:
    """A story of as many circles as `most`, one after the other."""
    plaatsen = draw(
        st.lists(
            st.sampled_from(range(len(KRINGEN))),
            unique=True,
            min_size=min(most, 2),
            max_size=most,
        )
    )
    return [one for plaats in plaatsen for one in draw(kringen(plaats))]


@st.composite
def other_order(draw: DrawFn, berichten: Sequence[Bericht]) -> list[Bericht]:
    """The same messages in another order, each behind those that it may not go before."""
    waiting = list(draw(st.permutations(berichten)))
    told: list[Bericht] = []
    while waiting:
        names = {one.stam for one in told}
        ready = next(one for one in waiting if names.issuperset(one.na))
        waiting.remove(ready)
        told.append(ready)
    return told
