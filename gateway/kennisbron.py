"""Gives back what judgements knew, from what the store kept, and the same with a proposal."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path

import msgspec

from gateway.agreements.table import agreement_contents
from gateway.config import Settings
from gateway.errors import CouldNotFinish, WrongUse
from gateway.inlezen import (
    load_agreements,
    load_kennis,
    load_lists,
    read_grondslag,
    with_grondslag,
)
from gateway.pipeline.grondslag import (
    BELEID,
    OVEREENKOMSTEN,
    REGISTER,
    Grondslag,
    grondslag_of,
)
from gateway.pipeline.kennis import Kennis, without
from gateway.pipeline.replay import Paar
from gateway.records.overeenkomst import Overeenkomst
from gateway.store.bewaard import Bewaard


class Kennisbron:
    """What judgements were made with, as the store kept it; each content is loaded once.

    `agreements` go, where they are given, in the place of those of every judgement.  `base` is
    the knowledge without any agreement.
    """

    def __init__(
        self, settings: Settings, bewaard: Bewaard, agreements: Path | None = None
    ) -> None:
        # What was kept has agreements of its own: those of the settings may be others by now.
        self.base = load_kennis(msgspec.structs.replace(settings, agreements=None))
        self._settings = settings
        self._bewaard = bewaard
        self._instead = None if agreements is None else agreement_contents(agreements)
        self._loaded: dict[str | None, Kennis] = {}

    def of(self, sleutel: str | None) -> Kennis:
        """The knowledge with this hash; that of the settings where none was kept (None)."""
        if sleutel not in self._loaded:
            grondslag = self.grondslag(sleutel)
            if self._instead is not None:
                grondslag = grondslag_of(
                    self._instead, grondslag.of(BELEID), grondslag.of(REGISTER)
                )
            self._loaded[sleutel] = self._load(grondslag)
        return self._loaded[sleutel]

    def _load(self, grondslag: Grondslag) -> Kennis:
        """Raises CouldNotFinish when this version refuses what an earlier one took."""
        try:
            return with_grondslag(self.base, grondslag)
        except WrongUse as refused:
            raise CouldNotFinish(f"bewaard bij het oordeel, nu geweigerd: {refused}") from refused

    def grondslag(self, sleutel: str | None) -> Grondslag:
        """The files with this hash, else those of the settings."""
        found = None if sleutel is None else self._bewaard.grondslag(sleutel)
        return found or read_grondslag(self._settings.agreements, self._settings.beleidsmap)


class Kennisparen:
    """What stored messages were judged with, and the same with a proposal in its place.

    Agreements of the proposal replace those with the same id, of any version; one with another id
    is added.  `zonder` are rules and checks that are left out.  `vervangen` holds, as far as
    messages were met, (id, versie) of what was replaced.
    """

    def __init__(self, bron: Kennisbron, proposal: Path | None, zonder: Set[str]) -> None:
        self._bron = bron
        self._zonder = zonder
        self._files = [] if proposal is None else agreement_contents(proposal)
        self.voorstel = load_agreements(proposal, load_lists()).alle
        self._ids = {one.id for one in self.voorstel}
        self._paren: dict[str | None, Paar] = {}
        self.vervangen: set[tuple[str, str]] = set()

    def of(self, sleutel: str | None) -> Paar:
        """The two kinds of knowledge for a message that was judged with this one."""
        if sleutel not in self._paren:
            self._paren[sleutel] = self._made(sleutel)
        return self._paren[sleutel]

    def _made(self, sleutel: str | None) -> Paar:
        voor = self._bron.of(sleutel)
        replaced = [one for one in voor.overeenkomsten.alle if one.id in self._ids]
        self.vervangen |= {(one.id, one.versie) for one in replaced}
        na = voor if not self._files else with_grondslag(voor, self._with_proposal(voor, replaced))
        other = {
            wet
            for wet, codes in na.productcategorieen.items()
            if codes != voor.productcategorieen[wet]
        }
        return Paar(
            voor=voor,
            na=without(na, self._zonder),
            raakt={
                (wet, gemeente)
                for one in (*replaced, *self.voorstel)
                for wet in one.wetten
                for gemeente in one.gemeenten
            },
            overal=set(na.productcategorieen) if self._zonder else other,
        )

    def _with_proposal(self, voor: Kennis, replaced: Sequence[Overeenkomst]) -> Grondslag:
        left_out = {one.bestand for one in replaced}
        kept = [one for one in voor.grondslag.of(OVEREENKOMSTEN) if one[0] not in left_out]
        taken = {naam for naam, _ in kept}
        added = [
            (f"voorstel-{naam}" if naam in taken else naam, inhoud) for naam, inhoud in self._files
        ]
        files = voor.grondslag
        return grondslag_of([*kept, *added], files.of(BELEID), files.of(REGISTER))
