"""Makes wrong copies of messages: they are sent some hours before the right ones.

A message that is refused as a whole counts as not sent, so the right one is judged as if it was
the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from gateway.records.declaratie import Declaratie, Prestatie
from gateway.simulate.faults.register import Invoer
from gateway.simulate.messages import Bericht
from gateway.simulate.months import month_end
from gateway.simulate.truth import Label, rejected, signalled

Change = Callable[[Prestatie], Prestatie]


def refused_copy(invoer: Invoer, *rules: str) -> Bericht:
    """The message some hours before it is sent rightly, refused as a whole by these rules."""
    bericht = invoer.bericht
    return replace(
        bericht,
        verzonden=bericht.verzonden - timedelta(hours=3),
        header=invoer.post.header(bericht.markt, bericht.soort, bericht.header.dagtekening),
        labels=(Label(None, rejected(*rules)),),
        verdict="rejected",
    )


def with_declaratie(
    invoer: Invoer, rule: str, change: Callable[[Declaratie], Declaratie]
) -> Bericht | None:
    """The invoice with another Declaratie."""
    if invoer.bericht.soort != "323":
        return None
    return refused_copy(invoer, rule).with_record(0, change(invoer.bericht.declaratie))


def with_line(
    invoer: Invoer, rule: str, change: Change, fits: Callable[[Prestatie], bool]
) -> Bericht | None:
    """The invoice with its first fitting line changed, in a way that leaves its total right."""
    for place, line in invoer.bericht.regels if invoer.bericht.soort == "323" else ():
        if fits(line):
            return refused_copy(invoer, rule).with_record(place, change(line))
    return None


def in_month(invoer: Invoer, rule: str, maand: date) -> Bericht | None:
    """The invoice with the first debet line over another month."""
    return with_line(
        invoer,
        rule,
        lambda one: one._replace(begindatum=maand, einddatum=month_end(maand)),
        is_debet,
    )


def with_further_lines(
    invoer: Invoer, rule: str, further: Callable[[Prestatie], list[Prestatie]]
) -> Bericht | None:
    """The invoice with lines behind its only line of some client, and a total that is right."""
    if invoer.bericht.soort != "323":
        return None
    made, inside = refused_copy(invoer, rule), list(invoer.bericht.inside)
    bsns = [line.bsn for _, line in invoer.bericht.regels]
    for place, line in invoer.bericht.regels:
        if line.is_credit or bsns.count(line.bsn) > 1:
            continue
        inside[place + 1 : place + 1] = [("Prestatie", one) for one in further(line)]
        added = replace(made, inside=tuple(inside))
        total = sum(one.ondertekend for _, one in added.regels)
        return added.with_record(
            0,
            replace(
                made.declaratie,
                totaal_bedrag=abs(total),
                debet_credit="C" if total < 0 else "D",
            ),
        )
    return None


def numbered(line: Prestatie, number: int) -> Prestatie:
    """A line with a ReferentieNummer of its own."""
    return line._replace(referentienummer=f"EXTRA{number}")


def is_debet(line: Prestatie) -> bool:
    """Whether a line asks for something."""
    return not line.is_credit


def with_bom(bericht: Bericht) -> Bericht:
    """S190: the message begins with a byte order mark, which is told beside all else."""
    mark = Label(None, signalled("S190"))
    return replace(bericht, met_bom=True, labels=(mark, *bericht.labels))
