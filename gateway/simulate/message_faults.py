"""Plants labelled faults in whole messages: each one sends a message wrongly, then as it should be.

A message that is refused as a whole counts as not sent, so the right one comes a day later and is
judged as if it was the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from gateway.records.declaratie import Declaratie
from gateway.records.levering import LeveringClient, StartProduct
from gateway.simulate.faults import UNKNOWN_NUMBER
from gateway.simulate.messages import Bericht, Label

A_DAY, AN_HOUR, A_MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

Repeat = Callable[[Bericht, Sequence[Bericht]], list[Bericht] | None]


def plant_in_messages(berichten: Sequence[Bericht], rng: Random) -> list[Bericht]:
    """The messages with every fault planted once, each in another market where there are enough.

    Where none fits, a fault is left out.
    """
    made = list(berichten)
    spared = {place for place, one in enumerate(made) if _is_delicate(one)}
    markten: set[int] = set()
    for fault in MESSAGE_FAULTS.values():
        order = [place for place in range(len(berichten)) if place not in spared]
        rng.shuffle(order)
        order.sort(key=lambda place: made[place].markt.nummer in markten)
        for place in order:
            sent = fault(made[place], berichten)
            if sent is not None:
                made[place] = sent[0]
                made += sent[1:]
                spared.add(place)
                markten.add(berichten[place].markt.nummer)
                break
    return made


def _is_delicate(bericht: Bericht) -> bool:
    """Whether what a message comes to rests on its own date, so that it cannot be sent again."""
    return any("S104" in label.signals for label in bericht.labels)


def wrong_total(bericht: Bericht, _: Sequence[Bericht]) -> list[Bericht] | None:
    """0001: the total of an invoice is one euro too high (TR358)."""
    declaratie = _declaratie(bericht)
    if declaratie is None:
        return None
    wrong = replace(declaratie, totaal_bedrag=declaratie.totaal_bedrag + 100)
    return [_refused(bericht.with_record(0, wrong), "0001"), _sent_again(bericht)]


def repeated_declaratienummer(
    bericht: Bericht, berichten: Sequence[Bericht]
) -> list[Bericht] | None:
    """9333: an invoice has the DeclaratieNummer of the one before it, which was judged (TR333)."""
    declaratie = _declaratie(bericht)
    earlier = [
        found
        for one in berichten
        if one.markt == bericht.markt
        and declaratie is not None
        and (found := _declaratie(one)) is not None
        and found.begindatum < declaratie.begindatum
    ]
    if declaratie is None or not earlier:
        return None
    last = max(earlier, key=lambda one: one.begindatum)
    wrong = replace(declaratie, declaratienummer=last.declaratienummer)
    return [_refused(bericht.with_record(0, wrong), "9333"), _sent_again(bericht)]


def sent_twice(bericht: Bericht, _: Sequence[Bericht]) -> list[Bericht] | None:
    """The same bytes once more: the first answer stands and nothing is judged."""
    if _declaratie(bericht) is None:
        return None
    twice = replace(bericht, verzonden=bericht.verzonden + A_MINUTE, labels=(), verdict="duplicate")
    return [bericht, twice]


def broken_schema(bericht: Bericht, _: Sequence[Bericht]) -> list[Bericht] | None:
    """Level 1: a start says V for the Geslacht, which the schema refuses.

    Such a message was never sent: the right one, a day later, has the same Identificatie.
    """
    client = bericht.inside[0][1]
    if bericht.soort != "305" or not isinstance(client, LeveringClient):
        return None
    broken = bericht.with_record(0, replace(client, geslacht="V"))
    return [replace(broken, labels=(), verdict="invalid"), _a_day_later(bericht)]


def start_on_unknown_toewijzing(bericht: Bericht, _: Sequence[Bericht]) -> list[Bericht] | None:
    """9019: a start names an assignment that nobody was ever given; the right one follows."""
    start = bericht.inside[-1][1]
    if bericht.soort != "305" or not isinstance(start, StartProduct):
        return None
    wrong = start._replace(toewijzingnummer=(start.toewijzingnummer or 0) + UNKNOWN_NUMBER)
    sent = bericht.with_record(len(bericht.inside) - 1, wrong)
    sent = replace(
        sent,
        verzonden=bericht.verzonden - AN_HOUR,
        labels=(Label(wrong.reference, ("9019",)),),
        verdict="rejected",
    )
    return [bericht, _renamed(sent, "X")]


# By what is to be found.
MESSAGE_FAULTS: Mapping[str, Repeat] = {
    "TR333": repeated_declaratienummer,
    "TR358": wrong_total,
    "duplicate": sent_twice,
    "XSD": broken_schema,
    "TR019": start_on_unknown_toewijzing,
}


def _declaratie(bericht: Bericht) -> Declaratie | None:
    record = bericht.inside[0][1]
    return record if isinstance(record, Declaratie) else None


def _refused(bericht: Bericht, code: str) -> Bericht:
    """The message, refused as a whole: no class of it is judged."""
    return replace(bericht, labels=(Label(None, (code,)),), verdict="rejected")


def _sent_again(bericht: Bericht) -> Bericht:
    """The message a day later, with an identification of its own."""
    return _renamed(_a_day_later(bericht), "B")


def _a_day_later(bericht: Bericht) -> Bericht:
    header = replace(bericht.header, dagtekening=bericht.header.dagtekening + A_DAY)
    return replace(bericht, header=header, verzonden=bericht.verzonden + A_DAY)


def _renamed(bericht: Bericht, mark: str) -> Bericht:
    """The message with another identification, of at most twelve characters."""
    identificatie = bericht.header.identificatie[:11] + mark
    return replace(bericht, header=replace(bericht.header, identificatie=identificatie))
