"""The table of envelopes, and what is written in it and read from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.store.tables import Id, metadata

IN, UIT = "in", "uit"

# `sleutel` is who sends with the number that he gave, `sha256` the hash of all that it said; of one
# that left it is the hash of the message in it, which leaves in one envelope however often.
# `tegenpartij` is the organisatie on the other side.  `apart` is why it is set aside, and `inhoud`
# what came or went, packed, where the inbox has it not.  `antwoord` is what the sender was told.
# Of one that left: `outbox_id` is what leaves in it, `pogingen` counts how often it was offered to
# the network, and `vervallen` is 1 once that refused it, so that another may take its place.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What becomes of an envelope that came in.

    `antwoord` is told to its sender.  `inhoud` is kept where the message is not in the inbox;
    `fout` is a whole Fo01 that leaves, with its head.  `terug` is for a fault after which the
    message of envelope `heen_id` did not arrive.
    """

    antwoord: bytes
    inbox_id: int | None = None
    heen_id: int | None = None
    apart: str | None = None
    inhoud: bytes | None = None
    fout: tuple[Kop, bytes] | None = None
    terug: Terug | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """An envelope that was set aside, or a fault that came; without what stands in it."""

    nummer: int
    gemeente: str
    tegenpartij: str
    berichtcode: str
    referentienummer: str
    functie: str | None
    foutcode: str | None
    reden: str | None


@dataclass(frozen=True, slots=True)
class Vraag:
    """What a retour answers: the number of its envelope, and the organisatie that sent it."""

    referentienummer: str
    tegenpartij: str
