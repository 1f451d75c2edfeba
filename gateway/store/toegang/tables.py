"""The tables of access and accountability; moments are seconds since 1970 (UTC)."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import Id, metadata

# Somebody who may log in; he is found by `zoeknaam`, which is his name without capitals.
# `wachtwoord` is an argon2id hash, absent for who comes by OIDC alone; `oidc` is what the provider
# calls him.  `wacht_tot` slows down who guesses.  `machineaccount` is who he is on the command
# line.
gebruiker = sa.Table(
    "gebruiker",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("naam", sa.String(80), nullable=False),
    sa.Column("weergave", sa.String(120), nullable=False),
    sa.Column("wachtwoord", sa.Text),
    sa.Column("oidc", sa.Text),
    sa.Column("aanbieder", sa.String(12)),
    sa.Column("actief", sa.SmallInteger, nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("mislukt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("wacht_tot", sa.Double),
    sa.Column("zoeknaam", sa.String(80)),
    sa.Column("machineaccount", sa.String(80)),
    sa.Index("gebruiker_naam", "naam", unique=True),
    sa.Index("gebruiker_zoeknaam", "zoeknaam", unique=True),
    sa.Index("gebruiker_oidc", "oidc", unique=True),
    sa.Index("gebruiker_machineaccount", "machineaccount", unique=True),
)

# A role of a user in a municipality, `*` for all.
gebruiker_rol = sa.Table(
    "gebruiker_rol",
    metadata,
    sa.Column("gebruiker_id", Id, sa.ForeignKey("gebruiker.id"), primary_key=True),
    sa.Column("gemeente", sa.String(12), primary_key=True),
    sa.Column("rol", sa.String(20), primary_key=True),
)

# A session that can be ended: only the hash of its id is kept.  `sterk_at` is when he last showed
# who he is, `oidc_token` what the provider wants to hear at logout.
sessie = sa.Table(
    "sessie",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("gebruiker_id", Id, sa.ForeignKey("gebruiker.id"), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("gezien_at", sa.Double, nullable=False),
    sa.Column("sterk_at", sa.Double, nullable=False),
    sa.Column("adres", sa.String(64), nullable=False),
    sa.Column("programma", sa.String(200), nullable=False),
    sa.Column("oidc_token", sa.Text),
    sa.Column("geeindigd_at", sa.Double),
    sa.Index("sessie_gebruiker", "gebruiker_id"),
)

# What is used once: the first beheerder (`eerste`), a login under way at the provider (`oidc`).
eenmalig = sa.Table(
    "eenmalig",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("doel", sa.String(20), nullable=False),
    sa.Column("inhoud", sa.Text),
    sa.Column("verloopt_at", sa.Double, nullable=False),
)

# The key of a program: shown once, kept as a hash.  `namens` is the name of the user whose it is.
sleutel = sa.Table(
    "sleutel",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("naam", sa.String(120), nullable=False),
    sa.Column("rol", sa.String(20), nullable=False),
    sa.Column("gemeenten", sa.Text, nullable=False),
    sa.Column("aanbieder", sa.String(12)),
    sa.Column("gemaakt_door", sa.String(80), nullable=False),
    sa.Column("gemaakt_at", sa.Double, nullable=False),
    sa.Column("verloopt_at", sa.Double, nullable=False),
    sa.Column("ingetrokken_at", sa.Double),
    sa.Column("namens", sa.String(80)),
    sa.Column("bevestigd_at", sa.Double),
    sa.Index("sleutel_hash", "hash", unique=True),
)

# The answer to a request that may come again (Idempotency-Key); without `status` it is under way.
herhaling = sa.Table(
    "herhaling",
    metadata,
    sa.Column("van", sa.String(80), primary_key=True),
    sa.Column("sleutel", sa.String(200), primary_key=True),
    sa.Column("verzoek_sha256", sa.String(64), nullable=False),
    sa.Column("begonnen_at", sa.Double, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("koppen", sa.Text),
    sa.Column("inhoud", sa.LargeBinary),
    sa.Index("herhaling_begonnen", "begonnen_at"),
)

# How often somebody asked, of all processes together: when his bucket is full again.
emmer = sa.Table(
    "emmer",
    metadata,
    sa.Column("budget", sa.String(12), primary_key=True),
    sa.Column("wie", sa.String(80), primary_key=True),
    sa.Column("vol_at", sa.Double, nullable=False),
)

# Logboek Dataverwerkingen with the extension of NEN 7513: one row per client that was read or
# changed, and one for an act without client.  `dag` is a day of UTC.  `hash` is over the row and
# `vorige`, the hash of the row before it: who changes a row breaks the chain.  No row is ever
# changed.
verwerking = sa.Table(
    "verwerking",
    metadata,
    sa.Column("dag", sa.Date, primary_key=True),
    sa.Column("nr", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("trace_id", sa.String(32), nullable=False),
    sa.Column("span_id", sa.String(16), nullable=False),
    sa.Column("parent_span_id", sa.String(16)),
    sa.Column("status_code", sa.SmallInteger, nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("start_time", sa.BigInteger, nullable=False),
    sa.Column("end_time", sa.BigInteger, nullable=False),
    sa.Column("foreign_operation", sa.Text),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("attributes", sa.Text, nullable=False),
    sa.Column("gemeente", sa.String(12)),
    sa.Column("wie", sa.String(80), nullable=False),
    sa.Column("betrokkene", sa.String(32)),
    sa.Column("vorige", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("verwerking_betrokkene", "betrokkene", "dag"),
    sa.Index("verwerking_wie", "wie", "dag", "nr"),
    sa.Index("verwerking_naam", "name", "dag", "nr"),
    sa.Index("verwerking_gemeente", "gemeente", "dag", "nr"),
    sa.Index(
        "verwerking_mislukt",
        "dag",
        "nr",
        sqlite_where=sa.text("status_code <> 1"),
        postgresql_where=sa.text("status_code <> 1"),
    ),
)

REFUSAL = "het logboek wordt alleen aangevuld"


# The setting that tells where the log begins once its oldest days had their time: the last day that
# went and the hash of its last row.
ANKER = "logboek_anker"


def only_added_to(table: sa.Table, may_go: str = "") -> None:
    """The database itself keeps its rows as they are; PostgreSQL gets this by a migration.

    `may_go` is the condition of a row that may be removed after all, in the words of SQLite.
    """
    for wijze in ("UPDATE", "DELETE"):
        stays = f"WHEN NOT ({may_go}) " if may_go and wijze == "DELETE" else ""
        trigger = sa.DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER {table.name}_blijft_{wijze.lower()} BEFORE {wijze} ON {table.name} "
            f"{stays}BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        sa.event.listen(table, "after_create", trigger.execute_if(dialect="sqlite"))


_BEGIN = f"SELECT substr(waarde, 1, 10) FROM instelling WHERE naam = '{ANKER}'"  # noqa: S608
only_added_to(verwerking, f"OLD.dag <= coalesce(({_BEGIN}), '')")
