"""When a finding is open, and which cause it is of: the words that all who look for it share.

A finding is open while nothing has overtaken it: a rejected line until the same care was granted
after all, what was said of an own assignment until a later version came, what was said of a
request until it has its answer, and any of them until somebody settled it.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import (
    AANGEHOUDEN,
    KLAAR,
    bevinding,
    inbox,
    partij,
    prestatie,
    toewijzing,
    verzoek,
)
from gateway.store.werk.tables import BESLOTEN, besluit_post

NOTHING = ""
PRODUCT = sa.func.coalesce(bevinding.c.cel, bevinding.c.productcode, NOTHING)
CODE = sa.func.coalesce(bevinding.c.retourcode, NOTHING)
# The columns of a cause, in the order of the fields of Oorzaak.
OORZAAK = (
    partij.c.gemeente,
    partij.c.wet,
    bevinding.c.rule,
    CODE.label("code"),
    PRODUCT.label("product"),
    partij.c.aanbieder,
)
# What a finding is about: its line, else its class.  With message and rule it stays the same
# however often the message is judged again.
ONDERWERP = sa.func.coalesce(sa.cast(bevinding.c.regelnr, sa.Text), bevinding.c.pad)
WITH_MESSAGE = bevinding.join(inbox, inbox.c.id == bevinding.c.inbox_id).join(
    partij, partij.c.id == bevinding.c.partij_id
)


def is_open() -> list[sa.ColumnElement[bool]]:
    """What makes a finding, with its message and party, an open one."""
    return [
        bevinding.c.tot_volgnr.is_(None),
        inbox.c.staat.in_((KLAAR, AANGEHOUDEN)),
        ~_granted_since(),
        ~_sent_since(),
        ~_answered_since(),
        ~_settled(),
    ]


def _granted_since() -> sa.Exists:
    """Whether the care of a rejected line was granted in a later message."""
    return sa.exists().where(
        bevinding.c.effect == "reject",
        prestatie.c.partij_id == bevinding.c.partij_id,
        prestatie.c.toewijzingnummer == bevinding.c.toewijzingnummer,
        prestatie.c.productcode == bevinding.c.productcode,
        prestatie.c.begindatum == bevinding.c.begindatum,
        prestatie.c.debet_credit == "D",
        prestatie.c.toegekend == 1,
        prestatie.c.van_volgnr > bevinding.c.van_volgnr,
    )


def _sent_since() -> sa.Exists:
    """Whether a later version of the own assignment came."""
    return sa.exists().where(
        bevinding.c.klasse == "ToegewezenProduct",
        toewijzing.c.toewijzingnummer == bevinding.c.toewijzingnummer,
        toewijzing.c.gemeente == partij.c.gemeente,
        toewijzing.c.wet == partij.c.wet,
        toewijzing.c.van_volgnr > bevinding.c.van_volgnr,
    )


def _answered_since() -> sa.Exists:
    """Whether the request was granted or rejected."""
    return sa.exists().where(
        bevinding.c.klasse == "AangevraagdProduct",
        bevinding.c.effect != "reject",
        verzoek.c.partij_id == bevinding.c.partij_id,
        verzoek.c.referentie_aanbieder == bevinding.c.reference,
        verzoek.c.tot_volgnr.is_(None),
        verzoek.c.staat.in_(("toegekend", "afgewezen")),
    )


def _settled() -> sa.Exists:
    """Whether a decision on it is in force; the words are those of the index."""
    return sa.exists().where(
        besluit_post.c.inbox_id == bevinding.c.inbox_id,
        besluit_post.c.rule == bevinding.c.rule,
        besluit_post.c.onderwerp == ONDERWERP,
        besluit_post.c.telt > sa.literal_column("0"),
        besluit_post.c.telt == sa.literal_column(f"{BESLOTEN}"),
    )
