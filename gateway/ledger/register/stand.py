"""The register in hand: what stands in it, which change it takes, what a provider is as a whole.

A code is of one provider on a day.  Nothing is taken out: what is over gets a last day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from gateway.errors import OngeldigeVelden
from gateway.ledger.register.wijzigingen import (
    AgbEinde,
    AgbErbij,
    Einde,
    Gegevens,
    Hernoem,
    Nieuw,
    Wijziging,
)
from gateway.records.aanbieder import Aanbieder, Aanbiedernaam, Agb, Overgang
from gateway.records.masker import mask

LONGEST_NAME, LONGEST_CONTACT = 120, 300
ONE_DAY = timedelta(days=1)
_AGB, _KVK = re.compile(r"[0-9]{8}", re.ASCII), re.compile(r"[0-9]{8}", re.ASCII)
_SPLITSING = "splitsing"


class Registerstand:
    """All providers by their number, with how they went on in each other."""

    def __init__(self, alle: Iterable[Aanbieder], overgangen: Iterable[Overgang] = ()) -> None:
        self.aanbieders: dict[int, Aanbieder] = {}
        self.overgangen = list(overgangen)
        self._holders: dict[str, set[int]] = {}
        for one in alle:
            self._put(one)

    def houder(self, agb: str, dag: date) -> Aanbieder | None:
        """Whose code it is on a day."""
        held = (self.aanbieders[nummer] for nummer in self._holders.get(agb, ()))
        return next((one for one in held if agb in one.agbs_op(dag)), None)

    def laatste_houder(self, agb: str) -> Aanbieder | None:
        """Whose code it was last, whenever that was."""
        held = [
            (code.vanaf, nummer)
            for nummer in self._holders.get(agb, ())
            for code in self.aanbieders[nummer].agbs
            if code.code == agb
        ]
        return self.aanbieders[max(held)[1]] if held else None

    def geheel(self, nummer: int) -> frozenset[str]:
        """Every code that a provider ever had, with those of whom it took over or merged with.

        A provider that was split keeps what it was before.
        """
        found, todo = set[int](), [nummer]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo += [
                    before.van
                    for before in self.overgangen
                    if before.naar == one and before.soort != _SPLITSING
                ]
        return frozenset(code.code for one in found for code in self.aanbieders[one].agbs)

    def neem(self, wijziging: Wijziging) -> int:
        """Take a change; returns the number of the provider that it is about.

        Raises OngeldigeVelden, and then nothing is changed.
        """
        match wijziging:
            case Nieuw():
                return self._add(wijziging)
            case Hernoem():
                return self._rename(wijziging)
            case Gegevens():
                return self._describe(wijziging)
            case Einde():
                return self._end(wijziging)
            case AgbErbij():
                return self._give_code(wijziging)
            case AgbEinde():
                return self._end_code(wijziging)
            case Overgang():
                return self._go_over(wijziging)

    def _put(self, one: Aanbieder) -> None:
        self.aanbieders[one.nummer] = one
        for code in one.agbs:
            self._holders.setdefault(code.code, set()).add(one.nummer)

    def _add(self, nieuw: Nieuw) -> int:
        nummer = max(self.aanbieders, default=0) + 1
        fouten = self._wrong(nieuw.naam, nieuw.kvk, nieuw.contact, nummer)
        if nieuw.agb:
            fouten |= self._wrong_code(nieuw.agb, nieuw.vanaf, None)
        _refuse(fouten)
        code = (Agb(nieuw.agb, nieuw.vanaf),) if nieuw.agb else ()
        made = Aanbieder(
            nummer=nummer,
            kvk=nieuw.kvk or None,
            contact=nieuw.contact,
            vanaf=nieuw.vanaf,
            tot=None,
            namen=(Aanbiedernaam(nieuw.naam, nieuw.vanaf),),
            agbs=code,
        )
        self._put(made)
        return nummer

    def _rename(self, hernoem: Hernoem) -> int:
        one = self._of(hernoem.nummer)
        last = one.namen[-1]
        fouten = self._wrong(hernoem.naam, "", "", one.nummer)
        if hernoem.vanaf < last.vanaf:
            fouten["vanaf"] = f"De naam {last.naam} geldt al vanaf {last.vanaf}."
        _refuse(fouten)
        if hernoem.naam != last.naam:
            # On the same day it sets right what was written wrong.
            before = one.namen[:-1] if hernoem.vanaf == last.vanaf else one.namen
            namen = (*before, Aanbiedernaam(hernoem.naam, hernoem.vanaf))
            self._put(replace(one, namen=namen))
        return one.nummer

    def _describe(self, gegevens: Gegevens) -> int:
        one = self._of(gegevens.nummer)
        _refuse(self._wrong(one.naam, gegevens.kvk, gegevens.contact, one.nummer))
        self._put(replace(one, kvk=gegevens.kvk or None, contact=gegevens.contact))
        return one.nummer

    def _end(self, einde: Einde) -> int:
        one = self._of(einde.nummer)
        later = [code.code for code in one.agbs if code.vanaf > einde.tot]
        if einde.tot < one.vanaf:
            _refuse({"tot": f"De aanbieder begint pas op {one.vanaf}."})
        if later:
            _refuse({"tot": f"AGB-code {later[0]} begint pas na {einde.tot}."})
        agbs = tuple(
            replace(code, tot=einde.tot) if code.tot is None or code.tot > einde.tot else code
            for code in one.agbs
        )
        self._put(replace(one, tot=einde.tot, agbs=agbs))
        return one.nummer

    def _give_code(self, erbij: AgbErbij) -> int:
        one = self._of(erbij.nummer)
        fouten = self._wrong_code(erbij.agb, erbij.vanaf, erbij.tot)
        if not fouten:
            fouten = _outside(one, erbij.vanaf, erbij.tot)
        _refuse(fouten)
        self._put(_with_codes(one, *one.agbs, Agb(erbij.agb, erbij.vanaf, erbij.tot)))
        return one.nummer

    def _end_code(self, einde: AgbEinde) -> int:
        one = self._of(einde.nummer)
        found = [code for code in one.agbs if (code.code, code.vanaf) == (einde.agb, einde.vanaf)]
        if not found:
            _refuse({"agb": f"Deze aanbieder heeft geen AGB-code {einde.agb} vanaf {einde.vanaf}."})
        fouten = self._wrong_code(einde.agb, einde.vanaf, einde.tot, behalve=(one.nummer, found[0]))
        if not fouten:
            fouten = _outside(one, einde.vanaf, einde.tot)
        _refuse(fouten)
        kept = [code for code in one.agbs if code is not found[0]]
        self._put(_with_codes(one, *kept, replace(found[0], tot=einde.tot)))
        return one.nummer

    def _go_over(self, overgang: Overgang) -> int:
        van, naar = self._of(overgang.van, "van"), self._of(overgang.naar, "naar")
        left = [code for code in van.agbs if code.tot is None or code.tot >= overgang.dag]
        _refuse(_wrong_overgang(overgang, van, naar, left))
        last = overgang.dag - ONE_DAY
        moved = [code for code in left if code.code in overgang.agbs]
        ended = moved if overgang.soort == _SPLITSING else left
        agbs = tuple(replace(code, tot=last) if code in ended else code for code in van.agbs)
        tot = van.tot if overgang.soort == _SPLITSING else last
        self._put(replace(van, agbs=agbs, tot=tot))
        self._put(
            _with_codes(
                naar, *naar.agbs, *(Agb(code.code, overgang.dag, code.tot) for code in moved)
            )
        )
        self.overgangen.append(overgang)
        return naar.nummer

    def _of(self, nummer: int, veld: str = "nummer") -> Aanbieder:
        if nummer not in self.aanbieders:
            _refuse({veld: f"Aanbieder {nummer} staat niet in het register."})
        return self.aanbieders[nummer]

    def _wrong(self, naam: str, kvk: str, contact: str, nummer: int) -> dict[str, str]:
        """What is wrong with who a provider says that it is."""
        fouten = {}
        if not 0 < len(naam.strip()) <= LONGEST_NAME:
            fouten["naam"] = f"Een naam heeft 1 tot en met {LONGEST_NAME} tekens."
        if kvk and not _KVK.fullmatch(kvk):
            fouten["kvk"] = "Een KvK-nummer heeft acht cijfers."
        elif kvk:
            others = (one for one in self.aanbieders.values() if one.nummer != nummer)
            same = next((one for one in others if one.kvk == kvk and one.tot is None), None)
            if same is not None:
                fouten["kvk"] = f"KvK-nummer {kvk} is al van aanbieder {same.nummer}, {same.naam}."
        if len(contact) > LONGEST_CONTACT:
            fouten["contact"] = f"Houd het bij {LONGEST_CONTACT} tekens."
        for veld, text in (("naam", naam), ("contact", contact)):
            if mask(text) != text:
                fouten[veld] = "Hier staat een nummer dat een BSN kan zijn. Haal het weg."
        return fouten

    def _wrong_code(
        self, agb: str, vanaf: date, tot: date | None, behalve: tuple[int, Agb] | None = None
    ) -> dict[str, str]:
        """What is wrong with a code in a period; `behalve` is the holder and place that it has."""
        if not _AGB.fullmatch(agb):
            return {"agb": "Een AGB-code heeft acht cijfers."}
        if tot is not None and tot < vanaf:
            return {"tot": f"De laatste dag ligt niet voor {vanaf}."}
        for nummer in sorted(self._holders.get(agb, ())):
            for code in self.aanbieders[nummer].agbs:
                if code.code == agb and (nummer, code) != behalve and _overlap(code, vanaf, tot):
                    naam = self.aanbieders[nummer].naam
                    until = "" if code.tot is None else f" tot en met {code.tot}"
                    return {
                        "agb": f"AGB-code {agb} is vanaf {code.vanaf}{until} al van aanbieder "
                        f"{nummer}, {naam}."
                    }
        return {}


def _wrong_overgang(
    overgang: Overgang, van: Aanbieder, naar: Aanbieder, left: Iterable[Agb]
) -> Mapping[str, str]:
    dag, open_codes = overgang.dag, list(left)
    if mask(overgang.toelichting) != overgang.toelichting:
        return {"toelichting": "Hier staat een nummer dat een BSN kan zijn. Haal het weg."}
    if van.nummer == naar.nummer:
        return {"naar": "Kies een andere aanbieder dan deze."}
    if not van.geldt_op(dag) or dag <= van.vanaf:
        return {"dag": f"Aanbieder {van.nummer} is er op {dag} en de dag ervoor niet allebei."}
    if not naar.geldt_op(dag):
        return {"dag": f"Aanbieder {naar.nummer} is er op {dag} niet."}
    known = {code.code for code in open_codes}
    if unknown := [agb for agb in overgang.agbs if agb not in known]:
        return {"agbs": f"Aanbieder {van.nummer} heeft op {dag} geen AGB-code {unknown[0]}."}
    if overgang.soort == _SPLITSING and not overgang.agbs:
        return {"agbs": "Noem bij een splitsing welke AGB-codes meegaan."}
    if later := [code for code in open_codes if code.vanaf >= dag]:
        return {"dag": f"AGB-code {later[0].code} begint pas op {later[0].vanaf}."}
    if naar.tot is not None and any(code.tot is None or code.tot > naar.tot for code in open_codes):
        return {"naar": f"Aanbieder {naar.nummer} eindigt op {naar.tot}."}
    return {}


def _outside(one: Aanbieder, vanaf: date, tot: date | None) -> dict[str, str]:
    """What of a period lies outside that of its provider."""
    if vanaf < one.vanaf:
        return {"vanaf": f"De aanbieder begint op {one.vanaf}."}
    if one.tot is not None and (tot is None or tot > one.tot):
        return {"tot": f"De aanbieder eindigt op {one.tot}."}
    return {}


def _with_codes(one: Aanbieder, *agbs: Agb) -> Aanbieder:
    return replace(one, agbs=tuple(sorted(agbs, key=lambda code: (code.vanaf, code.code))))


def _overlap(code: Agb, vanaf: date, tot: date | None) -> bool:
    return (tot is None or code.vanaf <= tot) and (code.tot is None or vanaf <= code.tot)


def _refuse(fouten: Mapping[str, str]) -> None:
    if fouten:
        raise OngeldigeVelden(fouten)
