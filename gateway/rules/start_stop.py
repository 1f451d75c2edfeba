"""Rules that hold the StartProducten of a 305 and the StopProducten of a 307 against each other.

A product with StatusAanlevering 3 only points at what it takes back: TR063 judges it (and TR071 in
a 305), no other rule does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gateway.periods.datums import datum_lang
from gateway.records.batch import Regiebatch
from gateway.records.finding import Offence
from gateway.records.levering import StopProduct
from gateway.rules.levering import (
    LEVEREN,
    VERWIJDEREN,
    Levering,
    Zorg,
    actual_starts,
    delivered,
    name_of,
    products,
    removed,
    standing,
    standing_starts,
    standing_stops,
    zorg_name,
    zorg_of,
)
from gateway.rules.registry import Offences, rule


@rule("CS058", retourcode="0001")
def unknown_status(batch: Regiebatch) -> Offences:
    """A StartProduct or StopProduct is delivered (StatusAanlevering 1) or taken back (3).

    The schema still lists 2 and 9, but there is no changing and no repeating: a correction is
    3 followed by 1.
    """
    for product in products(batch):
        status = product.status_aanlevering
        if status not in (LEVEREN, VERWIJDEREN):
            yield Offence(
                product,
                f"StatusAanlevering {status} mag niet: gebruik 1 om aan te leveren en 3 om een "
                "eerdere aanlevering te verwijderen.",
                element="StatusAanlevering",
                found=status,
                expected="1 of 3",
            )


@rule("TR018", retourcode="0001")
def stop_before_start(batch: Regiebatch) -> Offences:
    """The Einddatum of a StopProduct is not before its Begindatum.

    Care that ends on the day it began is fine.  A stop that is taken back has its dates only to
    be found by, so it is left to TR063.
    """
    for stop in delivered(batch.stops):
        if stop.einddatum < stop.begindatum:
            yield Offence(
                stop,
                f"De Einddatum {datum_lang(stop.einddatum)} ligt vóór de Begindatum "
                f"{datum_lang(stop.begindatum)}; geef een Einddatum op of na de Begindatum.",
                element="Einddatum",
                found=datum_lang(stop.einddatum),
                expected=f"op of na {datum_lang(stop.begindatum)}",
            )


@rule("TR019", retourcode="9019")
def unknown_toewijzing(batch: Regiebatch) -> Offences:
    """A start or stop with a ToewijzingNummer names an assignment of this aanbieder and client.

    Both laws check the 305 and the 307 (A04).  Task-oriented care has no ToewijzingNummer and is
    not judged.  A deleted assignment (RedenWijziging 13) counts as known, as it does for TR304
    and TR338: a municipality that withdraws an assignment expects a stop on it.  A number of
    another client is told as unknown, because whose it is concerns nobody else.
    """
    for product in products(batch):
        nummer = product.toewijzingnummer
        if nummer is None or product.status_aanlevering != LEVEREN:
            continue
        toewijzing = batch.toewijzingen.get(nummer)
        if toewijzing is None or toewijzing.bsn != product.bsn:
            yield Offence(
                product,
                f"Toewijzing {nummer} is bij ons niet bekend voor deze cliënt en uw organisatie; "
                "neem het ToewijzingNummer over uit het toewijzingsbericht.",
                element="ToewijzingNummer",
                found=f"{nummer}",
                expected="een ToewijzingNummer van deze cliënt bij uw organisatie",
            )


@rule("TR063", retourcode="9063")
def removes_nothing(batch: Regiebatch) -> Offences:
    """StatusAanlevering 3 takes back an earlier delivery with the same logical key that stands.

    The key of a start is ToewijzingNummer, Product and Begindatum; a stop adds RedenBeeindiging
    and Einddatum.  A delivery that was rejected or taken back before counts as never sent, and
    one in the same message is not an earlier one.  Nothing else of the product is checked.
    """
    yield from _removes_nothing(batch.eerdere_starts, batch.starts)
    yield from _removes_nothing(batch.eerdere_stops, batch.stops)


def _removes_nothing(earlier: Sequence[Levering], given: Sequence[Levering]) -> Offences:
    known = {one.sleutel for one in earlier}
    for product in removed(given):
        if product.sleutel not in known:
            yield Offence(
                product,
                f"De {name_of(product)} kan niet worden verwijderd, want die is bij ons niet "
                "bekend; neem alle sleutelgegevens over uit de eerdere aanlevering.",
                found="geen eerdere aanlevering",
                expected="een eerdere aanlevering met dezelfde sleutel",
            )


@rule("TR071", retourcode="9071")
def removes_stopped_start(batch: Regiebatch) -> Offences:
    """A start is not taken back while a stop of that start stands, temporary or definitive.

    The stop would point at nothing: its sender takes back the stop first, then the start.
    """
    stopped = {stop.startsleutel: stop for stop in standing_stops(batch)}
    for start in removed(batch.starts):
        stop = stopped.get(start.sleutel)
        if stop is not None:
            yield Offence(
                start,
                f"De {name_of(start)} kan niet worden verwijderd, want er is een stop per "
                f"{datum_lang(stop.einddatum)} voor; verwijder eerst die stop.",
                element="StatusAanlevering",
                found=start.status_aanlevering,
                expected="geen stop voor deze start",
            )


@rule("TR074", retourcode="9074")
def delivered_twice(batch: Regiebatch) -> Offences:
    """A delivery (StatusAanlevering 1) has a logical key that no standing delivery has yet.

    What was taken back frees its key, also when that happens in the same message.  The second of
    two equal deliveries in one message offends, though TR101 has refused such a message before.
    """
    yield from _delivered_twice(batch.eerdere_starts, batch.starts)
    yield from _delivered_twice(batch.eerdere_stops, batch.stops)


def _delivered_twice(earlier: Sequence[Levering], given: Sequence[Levering]) -> Offences:
    known = {one.sleutel for one in standing(earlier, given)}
    for product in delivered(given):
        if product.sleutel in known:
            yield Offence(
                product,
                f"De {name_of(product)} is al eerder aangeleverd; laat de aanlevering weg, of "
                "verwijder eerst de eerdere als die niet klopt.",
                found="een eerdere aanlevering met dezelfde sleutel",
                expected="een sleutel die nog niet is aangeleverd",
            )
        known.add(product.sleutel)


@rule("TR326", retourcode="9326")
def started_while_running(batch: Regiebatch) -> Offences:
    """A start needs care that is not running: no actual start for the same assignment.

    A start is actual until it is stopped, temporarily too, or taken back.  Without a
    ToewijzingNummer (task-oriented) the Product takes its place.  After any stop a new start is
    welcome (OP379); a correction takes the running start back in the same message.
    """
    running: dict[Zorg, date] = {zorg_of(start): start.begindatum for start in actual_starts(batch)}
    for start in delivered(batch.starts):
        zorg = zorg_of(start)
        if zorg in running:
            yield Offence(
                start,
                f"De {name_of(start)} kan niet, want de start van {datum_lang(running[zorg])} "
                "loopt nog; stuur eerst een stop voor die start, of verwijder die.",
                found=f"een lopende start van {datum_lang(running[zorg])}",
                expected="geen lopende start",
            )
        running.setdefault(zorg, start.begindatum)


@rule("TR382", retourcode="9069")
def stop_without_start(batch: Regiebatch) -> Offences:
    """A stop repeats ToewijzingNummer, Product and Begindatum of a start that stands.

    Task-oriented care has no ToewijzingNummer: Product and Begindatum then point at the start.  A
    definitive stop after a temporary one points at the same start; it needs no new one.
    """
    known = {start.sleutel for start in standing_starts(batch)}
    for stop in delivered(batch.stops):
        if stop.startsleutel not in known:
            yield Offence(
                stop,
                f"Bij de stop per {datum_lang(stop.einddatum)} {zorg_name(stop)} is geen start van "
                f"{datum_lang(stop.begindatum)} bekend; neem ToewijzingNummer, Product en "
                "Begindatum ongewijzigd over uit de start.",
                found=f"Begindatum {datum_lang(stop.begindatum)}",
                expected="de sleutelgegevens van een bekende start",
            )


@rule("TR413", retourcode="9413")
def stopped_temporarily_twice(batch: Regiebatch) -> Offences:
    """A start that was stopped temporarily (RedenBeeindiging 20) is not so stopped again.

    Between two interruptions there is a new start, which has another Begindatum.
    """
    paused = _ends(standing_stops(batch), tijdelijk=True)
    for stop in delivered(batch.stops):
        if not stop.is_tijdelijk:
            continue
        ended = paused.get(_start_of(stop))
        if ended is not None:
            yield Offence(
                stop,
                f"De start van {datum_lang(stop.begindatum)} {zorg_name(stop)} is al tijdelijk "
                f"gestopt per {datum_lang(ended)}; stuur een definitieve stop of een nieuwe start.",
                element="RedenBeeindiging",
                found=stop.reden_beeindiging,
                expected="een reden voor een definitieve stop",
            )
        paused.setdefault(_start_of(stop), stop.einddatum)


@rule("TR414", retourcode="9414")
def ends_before_earlier_stop(batch: Regiebatch) -> Offences:
    """A further stop of the same start does not end before the stops that stand.

    The same Einddatum is fine.  A stop that this message takes back no longer counts, so a
    correction may end earlier.
    """
    latest: dict[tuple[Zorg, date], date] = {}
    for stop in standing_stops(batch):
        latest[_start_of(stop)] = max(stop.einddatum, latest.get(_start_of(stop), stop.einddatum))
    for stop in delivered(batch.stops):
        ended = latest.get(_start_of(stop), stop.einddatum)
        if stop.einddatum < ended:
            yield Offence(
                stop,
                f"De Einddatum {datum_lang(stop.einddatum)} ligt vóór {datum_lang(ended)}, de "
                f"Einddatum van een eerdere stop voor de start van {datum_lang(stop.begindatum)} "
                f"{zorg_name(stop)}; geef {datum_lang(ended)} of later, of verwijder eerst die "
                "stop.",
                element="Einddatum",
                found=datum_lang(stop.einddatum),
                expected=f"op of na {datum_lang(ended)}",
            )
        latest[_start_of(stop)] = max(stop.einddatum, ended)


@rule("TR415", retourcode="9415")
def stopped_after_the_end(batch: Regiebatch) -> Offences:
    """After a definitive stop (RedenBeeindiging other than 20) a start is not stopped again.

    Who wants another reason or date takes the definitive stop back first.  Care that goes on
    after all has a new start with another Begindatum.
    """
    final = _ends(standing_stops(batch), tijdelijk=False)
    for stop in delivered(batch.stops):
        ended = final.get(_start_of(stop))
        if ended is not None:
            yield Offence(
                stop,
                f"De start van {datum_lang(stop.begindatum)} {zorg_name(stop)} is al definitief "
                f"gestopt per {datum_lang(ended)}; verwijder eerst die stop als die niet klopt.",
                found=f"een definitieve stop per {datum_lang(ended)}",
                expected="geen definitieve stop voor deze start",
            )
        if not stop.is_tijdelijk:
            final.setdefault(_start_of(stop), stop.einddatum)


def _start_of(stop: StopProduct) -> tuple[Zorg, date]:
    # TR413, TR414 and TR415 know the start by number and Begindatum; the Product counts only for
    # task-oriented care, where stops of two products would otherwise hinder each other.
    return (zorg_of(stop), stop.begindatum)


def _ends(stops: list[StopProduct], *, tijdelijk: bool) -> dict[tuple[Zorg, date], date]:
    return {_start_of(stop): stop.einddatum for stop in stops if stop.is_tijdelijk is tijdelijk}
