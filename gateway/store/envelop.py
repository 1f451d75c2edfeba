"""The table of envelopes, and what is written in it and read from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.store.tables import Id, metadata

IN, UIT = "in", "uit"
# Why an envelope of a second retour is set aside; rows are counted by this text.
TWEEDE_RETOUR = "er is al een ander antwoord op hetzelfde bericht bezorgd"

# `sleutel` is who sends with the number that he gave, `sha256` the hash of all that it said; of one
# that left it is the hash of the message in it, which leaves in one envelope however often.
# `tegenpartij` is the organisatie on the other side.  `apart` is why it is set aside, and `inhoud`
# what came or went, packed, where the inbox has it not.  `antwoord` is what the sender was told.
# Of one that left: `outbox_id` is what leaves in it, `pogingen` counts how often it was offered to
# the network, and `vervallen` is 1 once that refused it, so that another may take its place.  Of
# one that came it is 1 once somebody said that nothing more has to be done with it.
envelop = sa.Table(
    "envelop",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("richting", sa.String(3), nullable=False),
    sa.Column("sleutel", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("gemeente", sa.String(12), nullable=False),
    sa.Column("tegenpartij", sa.String(200), nullable=False),
    sa.Column("berichtcode", sa.String(4), nullable=False),
    sa.Column("referentienummer", sa.String(40), nullable=False),
    sa.Column("crossrefnummer", sa.String(40)),
    sa.Column("functie", sa.String(30)),
    sa.Column("foutcode", sa.String(7)),
    sa.Column("inbox_id", Id, sa.ForeignKey("inbox.id")),
    sa.Column("heen_id", Id),
    sa.Column("apart", sa.Text),
    sa.Column("inhoud", sa.LargeBinary),
    sa.Column("antwoord", sa.LargeBinary),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("outbox_id", Id),
    sa.Column("pogingen", sa.Integer, nullable=False, server_default="0"),
    sa.Column("vervallen", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Index("envelop_sleutel", "sleutel", unique=True),
    sa.Index("envelop_referentie", "referentienummer"),
    sa.Index("envelop_bericht", "inbox_id"),
    sa.Index(
        "envelop_apart",
        "id",
        sqlite_where=sa.text("richting = 'in' AND inbox_id IS NULL"),
        postgresql_where=sa.text("richting = 'in' AND inbox_id IS NULL"),
    ),
    # SQLite takes an index of its own for these only by something that it can look up in it.
    sa.Index(
        "envelop_wacht",
        "vervallen",
        sqlite_where=sa.text("inbox_id IS NULL AND apart IS NOT NULL"),
        postgresql_where=sa.text("inbox_id IS NULL AND apart IS NOT NULL"),
    ),
    sa.Index(
        "envelop_verstuurd",
        "gemeente",
        "sha256",
        unique=True,
        sqlite_where=sa.text("richting = 'uit' AND vervallen = 0"),
        postgresql_where=sa.text("richting = 'uit' AND vervallen = 0"),
    ),
    sa.Index(
        "envelop_een_retour",
        "crossrefnummer",
        "functie",
        unique=True,
        sqlite_where=sa.text("richting = 'uit' AND berichtcode = 'Du01' AND vervallen = 0"),
        postgresql_where=sa.text("richting = 'uit' AND berichtcode = 'Du01' AND vervallen = 0"),
    ),
)


# What came and is no message in the inbox: a fault, or what was set aside.
NOT_TAKEN = sa.and_(
    envelop.c.richting == sa.literal_column(f"'{IN}'"), envelop.c.inbox_id.is_(None)
)
# What of it waits for somebody.
WACHT = sa.and_(NOT_TAKEN, envelop.c.apart.is_not(None), envelop.c.vervallen == 0)
_IS_TWEEDE = sa.case((envelop.c.apart == TWEEDE_RETOUR, 1), else_=0)
# How much that is: second retours, and what is not surely ours.
WACHTEND = sa.select(
    sa.func.coalesce(sa.func.sum(1 - _IS_TWEEDE), 0).label("onzeker"),
    sa.func.coalesce(sa.func.sum(_IS_TWEEDE), 0).label("dubbel"),
).where(WACHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kop:
    """What is known of an envelope by its head; `merk` are the parts of its sender.

    `identificatie` is that of the message in it, where this store has it to send.
    """

    merk: tuple[str, ...]
    sha256: str
    gemeente: str
    tegenpartij: str
    berichtcode: str
    referentienummer: str
    crossrefnummer: str | None = None
    functie: str | None = None
    foutcode: str | None = None
    identificatie: str | None = None

    @property
    def sleutel(self) -> str:
        """The number together with who gave it: another sender may give the same one."""
        parts = "\0".join((*self.merk, self.referentienummer))
        return hashlib.sha256(parts.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terug:
    """Why a message that left did not arrive.

    It leaves again in another envelope: by itself, or with `stil` once somebody puts it back.
    `bevroren` is for how many seconds nothing of its kind leaves.
    """

    reden: str
    stil: bool
    bevroren: float | None = None


# Writes an envelope that has a given tijdstipBericht.
Schrijver = Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What becomes of an envelope that came in.

    `antwoord` is told to its sender.  `inhoud` is kept where the message is not in the inbox;
    `fout` is a whole Fo01 that leaves, by its tijdstipBericht, with its head.  `terug` is for a
    fault after which the message of envelope `heen_id` did not arrive.
    """

    antwoord: Schrijver
    inbox_id: int | None = None
    heen_id: int | None = None
    apart: str | None = None
    inhoud: bytes | None = None
    fout: Callable[[str], tuple[Kop, bytes]] | None = None
    terug: Terug | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bewaard:
    """An envelope that is kept, with what its sender is told.

    `inbox_id` is the message that it became, None where it is none (yet); `is_new` is False where
    the same envelope was here before.
    """

    antwoord: bytes
    inbox_id: int | None
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """An envelope that was set aside, or a fault that came; without what stands in it.

    `reden` is why it waits for somebody, None for a fault that the gateway knew what to do with.
    `is_bericht` says whether a message is kept in it that may be taken after all.
    """

    nummer: int
    sinds: datetime
    gemeente: str
    tegenpartij: str
    berichtcode: str
    referentienummer: str
    functie: str | None
    foutcode: str | None
    reden: str | None
    is_bericht: bool


@dataclass(frozen=True, slots=True)
class Vraag:
    """What a retour answers: the number of its envelope, and the organisatie that sent it."""

    referentienummer: str
    tegenpartij: str
