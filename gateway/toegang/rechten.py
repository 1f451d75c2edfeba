"""Roles and what each may do; what is not named here nobody may do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Recht(StrEnum):
    """One thing that somebody may do; every route names the one that it needs."""

    WERK_ZIEN = "werk:zien"  # messages, invoices, lines, assignments and findings, Bsns masked
    BSN_ZIEN = "bsn:zien"  # a whole Bsn, and a search by one; each time with a purpose
    BEOORDELEN = "werk:beoordelen"  # take, assign, note, decide, undo, approve what another did
    OVEREENKOMSTEN_ZIEN = "overeenkomsten:zien"
    EXPORTEREN = "werk:exporteren"
    STURING_ZIEN = "sturing:zien"  # sums without clients
    FOUTEN_ZIEN = "fouten:zien"  # parked and stuck messages, without what stands in them
    TECHNIEK = "techniek:herstellen"  # put them back
    BEHEREN = "beheer:wijzigen"  # users, roles and keys
    LOGBOEK_ZIEN = "logboek:zien"
    AANBIEDEN = "berichten:aanbieden"  # offer a message
    ONTVANGEN = "berichten:ontvangen"  # hand over what the network brings for a municipality
    CONTROLEREN = "berichten:controleren"  # check one before it is sent
    GELD_ZIEN = "geld:zien"  # commitments, payments and year end, without clients
    GELD_BEHEREN = "geld:beheren"  # pay, change accounts, correct; approve what another proposed
    EIGEN_ZIEN = "eigen:zien"  # an aanbieder: what it sent itself, and what became of it


class Rol(StrEnum):
    """The roles that a user or key has, each for one municipality or for all of them."""

    LEZER = "lezer"
    BEOORDELAAR = "beoordelaar"
    BEHEERDER = "beheerder"
    AUDITOR = "auditor"
    FINANCIEN = "financien"
    TECHNISCH_BEHEER = "technisch beheer"
    AANBIEDER = "aanbieder"
    BERICHTENVERKEER = "berichtenverkeer"


_LEZER = frozenset(
    {Recht.WERK_ZIEN, Recht.OVEREENKOMSTEN_ZIEN, Recht.STURING_ZIEN, Recht.GELD_ZIEN}
)
_BEOORDELAAR = _LEZER | {
    Recht.BSN_ZIEN,
    Recht.BEOORDELEN,
    Recht.EXPORTEREN,
    Recht.CONTROLEREN,
    Recht.FOUTEN_ZIEN,
}

RECHTEN: Mapping[Rol, frozenset[Recht]] = {
    Rol.LEZER: _LEZER,
    Rol.BEOORDELAAR: _BEOORDELAAR,
    # Who gives out rights sees no clients by that: a beheerder who decides has both roles.
    Rol.BEHEERDER: frozenset({Recht.BEHEREN, Recht.OVEREENKOMSTEN_ZIEN, Recht.STURING_ZIEN}),
    Rol.AUDITOR: frozenset(
        {Recht.LOGBOEK_ZIEN, Recht.OVEREENKOMSTEN_ZIEN, Recht.STURING_ZIEN, Recht.GELD_ZIEN}
    ),
    # Who pays looks at the lines behind an amount, and judges none of them.
    Rol.FINANCIEN: _LEZER | {Recht.GELD_BEHEREN, Recht.EXPORTEREN},
    Rol.TECHNISCH_BEHEER: frozenset({Recht.FOUTEN_ZIEN, Recht.TECHNIEK}),
    Rol.AANBIEDER: frozenset(
        {Recht.EIGEN_ZIEN, Recht.CONTROLEREN, Recht.AANBIEDEN, Recht.OVEREENKOMSTEN_ZIEN}
    ),
    # The software between the network and us: it brings, and sees nothing.
    Rol.BERICHTENVERKEER: frozenset({Recht.ONTVANGEN}),
}
