"""The agreements that the region is paid by, and the cells that each provider can work under."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gateway.agreements.build import build
from gateway.agreements.match import Overeenkomsten, index
from gateway.config import data_folder
from gateway.errors import WrongUse
from gateway.records.overeenkomst import Cel, Overeenkomst, Plaats
from gateway.simulate.months import month_after
from gateway.simulate.region import EERSTE_MAAND, WETTEN, Gemeente, Regio

# Agreements of the project under which there is care in the months of the region.
VAN_HET_PROJECT = (
    "gi-jeugdbescherming.toml",
    "hengelo-huishoudelijk.toml",
    "ijsselland-jeugd.toml",
    "lta-jeugd.toml",
    "twente-2025.toml",
    "twente-ondersteuningsbehoeften.toml",
    "zwolle-thuisondersteuning.toml",
)
MODELLEN = tuple(name.removesuffix(".toml") for name in VAN_HET_PROJECT)
EIGEN = Path(__file__).parent / "overeenkomsten"
VORM = "vorm"  # the dimension of our own agreements, by which a story names its cell
PLAFOND = 500_000  # of our own agreement, in eurocents per municipality and year
# A ceiling that no municipality of a region comes near, in eurocents.
RUIM = 2_000_000_000
VERTELD = frozenset({"pxq", "stuk", "traject", "periode"})  # kinds of the project's cells
OVERAL = ("99000081", "99000082")  # providers that work everywhere, under our own agreements
GEBLOKKEERD, MET_JAARBEDRAG = "99000091", "99000092"  # those that one of ours is about
GECONTRACTEERD = 3  # how many providers with a contract there are in a municipality and law
# The first day on which an assignment of the region can begin.
EERSTE_DAG = month_after(EERSTE_MAAND, -2)


def agreement_texts(regio: Regio) -> dict[str, str]:
    """Every agreement file of the region by its name: the project's own ones and ours.

    Ours serve all municipalities of the region.
    """
    project = data_folder("mappings") / "agreements"
    found = {
        name: (project / name).read_text(encoding="utf-8")
        for name in VAN_HET_PROJECT
        if (project / name).is_file()
    }
    codes = sorted(gemeente.code for gemeente in regio.gemeenten)
    listed = ", ".join(f'"{code}"' for code in codes)
    plafond = ", ".join(f'"{code}" = {PLAFOND}' for code in codes)
    for path in sorted(EIGEN.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^gemeenten = \[.*\]$", f"gemeenten = [{listed}]", text, flags=re.M)
        text = re.sub(r"^plafond = \{.*\}$", f"plafond = {{ {plafond} }}", text, flags=re.M)
        found[path.name] = text
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class Aanbod:
    """All agreements of a region, and what care there is under them."""

    regio: Regio

    @cached_property
    def alle(self) -> Overeenkomsten:
        """The agreements, indexed."""
        texts = agreement_texts(self.regio).items()
        return index(build(tomllib.loads(text), name, "") for name, text in texts)

    @cached_property
    def vormen(self) -> Mapping[tuple[str, str], Plaats]:
        """The first cell of our own agreements per law and form."""
        found: dict[tuple[str, str], Plaats] = {}
        for one in self.alle.alle:
            for cel in one.cellen if one.dimensies == (VORM,) else ():
                found.setdefault((cel.wet or "", dict(cel.dimensies)[VORM]), Plaats(one, cel))
        return found

    def aanbieders(self, gemeente: Gemeente, wet: str) -> list[str]:
        """Some providers with a contract for cells of the project, and those without any."""
        wanted = {
            contract.agb
            for one in self.alle.of(wet, gemeente.code)
            for contract in one.aanbieders
            if one.dimensies != (VORM,) and self.under_contract(gemeente, wet, contract.agb)
        }
        return [*sorted(wanted)[:GECONTRACTEERD], *OVERAL]

    def wetten_onder_model(self, gemeente: Gemeente) -> list[str]:
        """The laws under which a municipality pays by its model; none where it has no model.

        Raises WrongUse where the model has no care for it.
        """
        model = self.regio.model(gemeente)
        if model is None:
            return []
        found = [
            wet
            for wet in WETTEN
            for agb in self.aanbieders(gemeente, wet)
            if any(one.overeenkomst.id == model for one in self.under_contract(gemeente, wet, agb))
        ]
        if not found:
            raise WrongUse(f"onder {model} is er geen zorg in gemeente {gemeente.code}")
        return list(dict.fromkeys(found))

    def under_contract(self, gemeente: Gemeente, wet: str, agb: str) -> list[Plaats]:
        """The project's cells that a provider can be assigned all through the region's months."""
        return [
            plaats
            for plaats in self._plain(gemeente, wet)
            if self.alle.contracted(plaats, agb, gemeente.code, EERSTE_DAG)
            and self.alle.contracted(plaats, agb, gemeente.code, self.regio.klok)
            and plaats.overeenkomst.id not in self.alle.jaarbedragen(agb)
        ]

    def not_contracted(self, gemeente: Gemeente, wet: str, agb: str) -> list[Plaats]:
        """The project's cells that a provider has no contract for on any day."""
        return [
            plaats
            for plaats in self._plain(gemeente, wet)
            if not any(one.agb == agb for one in plaats.overeenkomst.aanbieders)
            and plaats.overeenkomst.aanbieders
        ]

    def _plain(self, gemeente: Gemeente, wet: str) -> Iterator[Plaats]:
        for one in self.alle.of(wet, gemeente.code):
            if one.dimensies == (VORM,) or not _is_quiet(one, gemeente):
                continue
            for cel in one.cellen:
                plaats = Plaats(one, cel)
                here = wet in plaats.wetten and cel.covers(self.regio.klok)
                if here and _is_plain(plaats) and _always_priced(one, cel):
                    yield plaats


def _is_quiet(overeenkomst: Overeenkomst, gemeente: Gemeente) -> bool:
    """Whether ordinary care under the agreement is never told of in this municipality."""
    drempels = overeenkomst.drempels
    return (
        drempels.uitputting_dagen is None
        and drempels.plafond.get(gemeente.code, RUIM) >= RUIM
        and all(one.gemeente != gemeente.code for one in overeenkomst.uitgestapt)
    )


def _is_plain(plaats: Plaats) -> bool:
    """Whether a cell has a price for everyone and no end to it, below the notice amount."""
    cel = plaats.cel
    notice = plaats.overeenkomst.drempels.melding_traject
    return (
        cel.soort in VERTELD
        and cel.rang == 0
        and cel.hoort_bij is None
        and cel.toewijsbaar_tot is None
        and cel.declarabel_tot is None
        and cel.indicatie_tot is None
        and not (cel.soort == "traject" and notice is not None and cel.bedrag > notice)
    )


def _always_priced(overeenkomst: Overeenkomst, cel: Cel) -> bool:
    """Whether the product has one price on every day of the region, and none for some only."""
    same = [
        one
        for one in overeenkomst.cellen
        if (one.productcode, one.eenheid, one.wet) == (cel.productcode, cel.eenheid, cel.wet)
    ]
    return all(one.rang == 0 for one in same) and any(one.covers(EERSTE_DAG) for one in same)
