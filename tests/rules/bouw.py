"""Builds the batch of a case: the defaults, with what the case names laid over them."""

from __future__ import annotations

import tomllib
from datetime import date
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from gateway.records.batch import (
    Aanvraagbatch,
    Antwoordbatch,
    Batch,
    Berichtfeiten,
    Declaratiebatch,
    Regiebatch,
    Stand,
    Toewijzingbatch,
    Verzoekantwoordbatch,
    Wijzigingbatch,
)
from gateway.records.declaratie import (
    Declaratie,
    DeclaratieAntwoord,
    DeclaratieClient,
    Prestatie,
)
from gateway.records.geldigheid import Plaatsing
from gateway.records.header import Header
from gateway.records.levering import LeveringClient, StartProduct, StopProduct
from gateway.records.toewijzing import Contact, Relatie, ToegewezenProduct, ToewijzingClient
from gateway.records.verzoek import (
    AangevraagdProduct,
    AanvraagClient,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
    Verzoekantwoord,
    Verzoekstand,
    WijzigingClient,
    Wijzigingsverzoek,
    Woonplaatsbeginsel,
)

HERE = Path(__file__).parent
DEFAULTS = tomllib.loads((HERE / "defaults.toml").read_text(encoding="utf-8"))
RECORDS: dict[str, type] = {
    "declaratie": Declaratie,
    "declaratieclient": DeclaratieClient,
    "prestatie": Prestatie,
    "toewijzing": ToegewezenProduct,
    "toewijzingclient": ToewijzingClient,
    "relatie": Relatie,
    "contact": Contact,
    "leveringclient": LeveringClient,
    "start": StartProduct,
    "stop": StopProduct,
    "antwoord": DeclaratieAntwoord,
    "aanvraagclient": AanvraagClient,
    "aangevraagd": AangevraagdProduct,
    "wijzigingclient": WijzigingClient,
    "verzoek": Wijzigingsverzoek,
    "ongewijzigd": OngewijzigdProduct,
    "te_wijzigen": TeWijzigenProduct,
    "nieuw": NieuwProduct,
    "verzoekantwoord": Verzoekantwoord,
    "woonplaatsbeginsel": Woonplaatsbeginsel,
}
EMPTY = ""  # in a case: the optional element is absent


def record(kind: str, given: dict[str, Any], base: dict[str, Any] | None = None) -> Any:
    """A record of `kind`: what `given` names over the defaults, "" meaning absent."""
    cls = RECORDS.get(kind, Header)
    merged = {**(base or DEFAULTS[kind]), **given}
    values = {}
    for one in signature(cls).parameters.values():
        value = merged.pop(one.name, None)
        if isinstance(value, str):
            value = value.replace("{volgnr}", str(merged.get("volgnr", given.get("volgnr", 1))))
        if isinstance(value, list):
            value = tuple(value)
        if value is None and one.default is not Parameter.empty:
            continue
        values[one.name] = None if value == EMPTY else value
    if merged:
        raise ValueError(f"{kind} has no {sorted(merged)}")
    return cls(**values)


def several(kind: str, case: dict[str, Any], one: str, many: str, *, default: bool) -> list[Any]:
    """The records that a case names in the singular (one) or the plural (many)."""
    if many in case:
        given = case.pop(many)
    elif one in case:
        given = [case.pop(one)]
    else:
        given = [{}] if default else []
    records = []
    for index, overlay in enumerate(given, start=1):
        counted = {"volgnr": index, **overlay} if kind == "prestatie" else overlay
        if kind not in ("prestatie", "declaratieclient") and "pad" not in overlay:
            pad = DEFAULTS[kind]["pad"].replace("[1]", f"[{index}]")
            counted = {**counted, "pad": pad}
        records.append(record(kind, counted))
    return records


def feiten(case: dict[str, Any]) -> Berichtfeiten:
    """The facts that the rules on the Header need."""
    given = {**DEFAULTS["feiten"], **case.pop("feiten", {})}
    if "wet" in case:
        given["wet"] = case.pop("wet")
    categorieen = {code: frozenset(v) for code, v in given.pop("categorieen", {}).items()}
    for name in ("gemeentecodes", "bekende_identificaties"):
        given[name] = frozenset(given.get(name, ()))
    plaatsingen = {
        code: [Plaatsing(one["categorie"], one.get("vanaf"), one.get("tot")) for one in found]
        for code, found in given.pop("plaatsingen", {}).items()
    }
    return Berichtfeiten(**given, categorieen=categorieen, plaatsingen=plaatsingen)


def header(case: dict[str, Any], kind: str) -> Header:
    """The Header of a message of `kind`."""
    made = record("header", case.pop("header", {}), DEFAULTS["header"][kind])
    assert isinstance(made, Header)
    return made


def declaratie(case: dict[str, Any]) -> Declaratiebatch:
    """The batch of a 323."""
    prestaties = several("prestatie", case, "prestatie", "prestaties", default=True)
    bekend = several("toewijzing", case, "toewijzing", "toewijzingen", default=True)
    toewijzingen = {t.toewijzingnummer: t for t in bekend}
    versies = {nummer: (t,) for nummer, t in toewijzingen.items()}
    for eerder in several("toewijzing", case, "eerdere_versie", "eerdere_versies", default=False):
        versies[eerder.toewijzingnummer] = (*versies[eerder.toewijzingnummer], eerder)
    clienten = several("declaratieclient", case, "client", "clienten", default=True)
    debets = several("prestatie", case, "debet", "debets", default=False)
    open_debets = several("prestatie", case, "open_debet", "open_debets", default=False)
    stand = {int(n): Stand(**s) for n, s in case.pop("stand", {}).items()}
    batch = Declaratiebatch(
        feiten=feiten(case),
        header=header(case, "declaratie"),
        declaratie=record("declaratie", case.pop("declaratie", {})),
        judges_whole=case.pop("judges_whole", True),
        clienten=clienten,
        prestaties=prestaties,
        som=case.pop("som", sum(p.ondertekend for p in prestaties)),
        bekende_declaratienummers=frozenset(case.pop("bekende_declaratienummers", ())),
        laatste_periode=case.pop("laatste_periode", None),
        toewijzingen=toewijzingen,
        versies=versies,
        bekende_clienten=frozenset(case.pop("bekende_clienten", {t.bsn for t in bekend})),
        bekende_referenties=frozenset(case.pop("bekende_referenties", ())),
        debets={p.referentienummer: p for p in debets},
        gecrediteerd=frozenset(case.pop("gecrediteerd", ())),
        open_debets={p.debetsleutel for p in open_debets},
        gedeclareerd_tot=_last_days(open_debets),
        stand=stand,
        prijzen=prijzen(case, prestaties),
        celeenheden={c: frozenset(u) for c, u in case.pop("celeenheden", {}).items()},
        geweigerd=frozenset(case.pop("geweigerd", ())),
    )
    return batch


def _last_days(debets: list[Prestatie]) -> dict[int, date]:
    last: dict[int, date] = {}
    for one in debets:
        last[one.toewijzingnummer] = max(one.einddatum, last.get(one.toewijzingnummer, date.min))
    return last


def prijzen(case: dict[str, Any], prestaties: list[Prestatie]) -> dict[int, Any]:
    """The right price for every line: `prijs.juiste`, `prijs.eenheid`, `prijs.soort`."""
    if "prijs" not in case:
        return {}
    from tests.rules.prijs import prijs

    made = prijs(**case.pop("prijs"))
    return {p.volgnr: made for p in prestaties}


def regie(case: dict[str, Any]) -> Regiebatch:
    """The batch of a 305, or of a 307 where the case names stops."""
    stopt = "stop" in case or "stops" in case or case.pop("bericht", "305") == "307"
    bekend = several("toewijzing", case, "toewijzing", "toewijzingen", default=True)
    return Regiebatch(
        feiten=feiten(case),
        header=header(case, "stop" if stopt else "start"),
        client=record("leveringclient", case.pop("client", {})),
        starts=[] if stopt else several("start", case, "start", "starts", default=True),
        stops=several("stop", case, "stop", "stops", default=True) if stopt else [],
        toewijzingen={t.toewijzingnummer: t for t in bekend},
        eerdere_starts=several("start", case, "eerdere_start", "eerdere_starts", default=False),
        eerdere_stops=several("stop", case, "eerdere_stop", "eerdere_stops", default=False),
    )


def toewijzing(case: dict[str, Any]) -> Toewijzingbatch:
    """The batch of a 301."""
    eerdere: dict[int, tuple[ToegewezenProduct, ...]] = {}
    for one in several("toewijzing", case, "eerdere_versie", "eerdere_versies", default=False):
        eerdere[one.toewijzingnummer] = (*eerdere.get(one.toewijzingnummer, ()), one)
    return Toewijzingbatch(
        feiten=feiten(case),
        header=header(case, "toewijzing"),
        client=record("toewijzingclient", case.pop("client", {})),
        relaties=several("relatie", case, "relatie", "relaties", default=False),
        contacten=several("contact", case, "contact", "contacten", default=True),
        producten=several("toewijzing", case, "product", "producten", default=True),
        eerdere=eerdere,
        toegekend=frozenset(case.pop("toegekend", ())),
        stand={int(n): Stand(**one) for n, one in case.pop("stand", {}).items()},
        gedeclareerd_tot={int(n): day for n, day in case.pop("gedeclareerd_tot", {}).items()},
        verzoeken=frozenset(case.pop("verzoeken", ())),
    )


def antwoord(case: dict[str, Any]) -> Antwoordbatch:
    """The batch of a 325; `heen` prestaties are those of the 323 it answers."""
    heen = several("prestatie", case, "heen_prestatie", "heen_prestaties", default=False)
    onbekend = case.pop("heen_onbekend", False)
    return Antwoordbatch(
        feiten=feiten(case),
        header=header(case, "antwoord"),
        antwoord=None
        if case.pop("alleen_header", False)
        else record("antwoord", case.pop("antwoord", {})),
        clienten=several("declaratieclient", case, "client", "clienten", default=False),
        prestaties=several("prestatie", case, "prestatie", "prestaties", default=False),
        heen_header=None
        if onbekend
        else record("header", case.pop("heen_header", {}), DEFAULTS["header"]["declaratie"]),
        heen_declaratie=None if onbekend else record("declaratie", case.pop("heen_declaratie", {})),
        heen_prestaties={(p.referentienummer, p.vorig_referentienummer, p.bsn): p for p in heen},
    )


def aanvraag(case: dict[str, Any]) -> Aanvraagbatch:
    """The batch of a 315; `openstaand` are references of requests without a final answer."""
    return Aanvraagbatch(
        feiten=feiten(case),
        header=header(case, "aanvraag"),
        client=record("aanvraagclient", case.pop("client", {})),
        producten=several("aangevraagd", case, "product", "producten", default=True),
        bekende_referenties=frozenset(case.pop("bekende_referenties", ())),
        openstaand=tuple(case.pop("openstaand", ())),
    )


def wijziging(case: dict[str, Any]) -> Wijzigingbatch:
    """The batch of a 317; `eerdere_versie` is the one that the sender knew."""
    bekend = several("toewijzing", case, "toewijzing", "toewijzingen", default=True)
    versies = {t.toewijzingnummer: (t,) for t in bekend}
    for eerder in several("toewijzing", case, "eerdere_versie", "eerdere_versies", default=False):
        versies[eerder.toewijzingnummer] = (*versies[eerder.toewijzingnummer], eerder)
    return Wijzigingbatch(
        feiten=feiten(case),
        header=header(case, "wijziging"),
        client=record("wijzigingclient", case.pop("client", {})),
        verzoek=record("verzoek", case.pop("verzoek", {})),
        ongewijzigd=several("ongewijzigd", case, "ongewijzigd", "ongewijzigde", default=False),
        te_wijzigen=several("te_wijzigen", case, "te_wijzigen", "alle_te_wijzigen", default=True),
        nieuw=several("nieuw", case, "nieuw", "nieuwe", default=False),
        toewijzingen=versies,
        bekende_referenties=frozenset(case.pop("bekende_referenties", ())),
        openstaand=tuple(case.pop("openstaand", ())),
    )


def verzoekantwoord(case: dict[str, Any]) -> Verzoekantwoordbatch:
    """The batch of a 319; `verzoek` lays over the request that it answers, unless unknown."""
    onbekend = case.pop("verzoek_onbekend", False)
    stand = {"soort": "315", "referentie_aanbieder": "V1", "staat": "open"}
    stand |= case.pop("verzoek", {})
    elders = case.pop("woonplaatsbeginsel", None)
    return Verzoekantwoordbatch(
        feiten=feiten(case),
        header=header(case, "verzoekantwoord"),
        antwoord=record("verzoekantwoord", case.pop("antwoord", {})),
        woonplaatsbeginsel=None if elders is None else record("woonplaatsbeginsel", elders),
        verzoek=None if onbekend else Verzoekstand(**stand),
    )


BUILDERS = {
    "aanvraag": aanvraag,
    "wijziging": wijziging,
    "verzoekantwoord": verzoekantwoord,
    "declaratie": declaratie,
    "regie": regie,
    "toewijzing": toewijzing,
    "antwoord": antwoord,
}


def build(kind: str, case: dict[str, Any]) -> Batch:
    """The batch of a case; raises when the case names something that no builder knows."""
    rest = dict(case)
    batch = BUILDERS[kind](rest)
    if rest:
        raise ValueError(f"the case names {sorted(rest)}, which no {kind} batch has")
    return batch
