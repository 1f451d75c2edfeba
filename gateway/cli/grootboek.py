"""How the ledger is told: to a person as sentences and tables, to a script as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from gateway.cli.jsonstroom import Document
from gateway.cli.scherm import visible
from gateway.cli.tabel import print_table
from gateway.ledger.boek import Fout, Saldo
from gateway.ledger.controle import PER, Controle
from gateway.ledger.verhaal import Boekregel, Verhaal, zonder_bsn
from gateway.messages.teksten import Teksten
from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.records.masker import mask
from gateway.store.ledger_views import Grootboek

REGELS = "regels"
BEDRAGEN = ("ingediend", "afgewezen", "debet", "credit", "toegekend")
WACHT = "wacht"  # of an aanbieder: what no 325 has judged yet
VERDICTS = {
    "accepted": "geheel toegekend",
    "partly": "deels toegekend",
    "rejected": "geheel afgewezen",
    "held": "aangehouden",
    "parked": "geparkeerd",
    "invalid": "niet te lezen",
    "waiting": "nog niet beantwoord",
    "unsent": "niet verstuurd",
}
HEADINGS = {
    "client": "kenmerk van de cliënt",
    "jaar": "jaar van levering",
    "debet": "toegekend debet",
    "credit": "gecrediteerd",
    WACHT: "wacht op antwoord",
}


def print_check(
    controle: Controle, fouten: Iterable[Fout], grootboek: Grootboek, per: str | None
) -> None:
    """Every fault as a sentence, a table, and whether it all adds up."""
    for fout in fouten:
        print(visible(mask(fout.zin)))
    if per is None:
        _print_summary(controle, _amounts(grootboek))
    elif per == "line":
        print_table(_STORY, map(_story_row, _told_of(grootboek)), right=("bedrag",))
    else:
        _print_balances(per, grootboek.saldi(per), _amounts(grootboek))
    totaal = controle.totaal
    if controle.klopt:
        print(
            f"het grootboek klopt: {aantal(totaal.regels, 'regel', 'regels')}, "
            f"{euros(totaal.ingediend)} ingediend, "
            f"{euros(totaal.toegekend)} toegekend"
        )
    else:
        count = controle.fouten.total()
        print(f"het grootboek klopt niet: {count} {'verschil' if count == 1 else 'verschillen'}")


def _told_of(grootboek: Grootboek) -> Iterator[Verhaal]:
    """The story of every line, as it is told."""
    return map(zonder_bsn, grootboek.verhalen())


def _amounts(grootboek: Grootboek) -> tuple[str, ...]:
    """The amounts of a balance; only who sends has anything that waits."""
    return (*BEDRAGEN, WACHT) if grootboek.is_own else BEDRAGEN


def _print_summary(controle: Controle, bedragen: Sequence[str]) -> None:
    totaal = controle.totaal
    for verdict, count in controle.verdicts.most_common():
        print(f"{'declaraties ' + VERDICTS.get(verdict, verdict):32} {count:>18}")
    if controle.aangehouden:
        print(f"{'waarvan aangehouden':32} {euros(controle.aangehouden):>18}")
    if controle.zonder_oordeel:
        print(f"{'berichten nog zonder oordeel':32} {controle.zonder_oordeel:>18}")
    print(f"{REGELS:32} {totaal.regels:>18}")
    for name in bedragen:
        print(f"{HEADINGS.get(name, name):32} {euros(getattr(totaal, name)):>18}")


def _print_balances(
    per: str, saldi: Iterable[tuple[tuple[str, ...], Saldo]], bedragen: Sequence[str]
) -> None:
    keys = [HEADINGS.get(name, name) for name in PER[per]]
    amounts = [HEADINGS.get(name, name) for name in bedragen]
    rows = (
        (*key, str(saldo.regels), *(euros(getattr(saldo, name)) for name in bedragen))
        for key, saldo in saldi
    )
    print_table([*keys, REGELS, *amounts], rows, right=(REGELS, *amounts))


def write_check(
    controle: Controle, fouten: Iterable[Fout], grootboek: Grootboek, per: str | None
) -> None:
    """The same as one JSON document."""
    with Document() as document:
        document.put_all("violations", map(_fault_json, fouten))
        document.put("balanced", controle.klopt)
        document.put("messages", dict(controle.verdicts))
        document.put("held", controle.aangehouden)
        document.put("unjudged", controle.zonder_oordeel)
        bedragen = _amounts(grootboek)
        document.put("total", _saldo_json(controle.totaal, bedragen))
        if per == "line":
            document.put_all("lines", map(_story_json, _told_of(grootboek)))
        elif per is not None:
            saldi = grootboek.saldi(per)
            rows = (
                dict(zip(PER[per], key, strict=True)) | _saldo_json(s, bedragen) for key, s in saldi
            )
            document.put_all("balances", rows)


def _saldo_json(saldo: Saldo, bedragen: Sequence[str]) -> dict[str, Any]:
    return {REGELS: saldo.regels} | {name: getattr(saldo, name) for name in bedragen}


def _fault_json(fout: Fout) -> dict[str, Any]:
    return {
        "kind": fout.soort,
        "text": mask(fout.zin),
        "message": fout.bericht,
        "declaratie": fout.declaratie and mask(fout.declaratie),
        "regel": fout.regel and mask(fout.regel),
        "verwacht": fout.verwacht,
        "gevonden": fout.gevonden,
    }


_STORY = (
    "aanbieder",
    "gemeente",
    "toewijzing",
    "product",
    "vanaf",
    "declaratie",
    "regel",
    "soort",
    "bedrag",
    "323",
    "325",
    "codes",
    "wat ervan is",
)


def _story_row(verhaal: Verhaal) -> Sequence[str]:
    line, inzending = verhaal.regel.prestatie, verhaal.regel.inzending
    return (
        inzending.aanbieder,
        inzending.gemeente,
        str(line.toewijzingnummer),
        f"{line.productcategorie}/{line.productcode}",
        line.begindatum.isoformat(),
        inzending.declaratienummer,
        line.referentienummer,
        "credit" if line.is_credit else "debet",
        euros(line.ondertekend),
        inzending.identificatie,
        inzending.antwoord or "",
        " ".join(line.retourcodes),
        _what_became(verhaal),
    )


def _what_became(verhaal: Verhaal) -> str:
    """The state of a line, and the lines that made it so."""
    parts = [verhaal.stand]
    if verhaal.crediteert is not None:
        parts.append(f"van {verhaal.crediteert.naam}")
    if verhaal.gecrediteerd_door is not None:
        parts.append(f"door {verhaal.gecrediteerd_door.naam}")
    if verhaal.vervangen_door is not None:
        parts.append(f"als {verhaal.vervangen_door.naam}")
    return ", ".join(parts)


def clients_of(verhalen: Iterable[Verhaal]) -> Collection[tuple[str, str]]:
    """Whom lines are about, each once: municipality and fingerprint."""
    return dict.fromkeys((one.regel.inzending.gemeente, one.regel.client) for one in verhalen)


def print_stories(verhalen: Sequence[Verhaal], teksten: Teksten) -> None:
    """The story of a line in the order in which it was judged, and what is granted by now."""
    first = verhalen[0].regel
    print(
        f"aanbieder {first.inzending.aanbieder}, gemeente {first.inzending.gemeente}, "
        f"{first.inzending.wet}, cliënt {first.client}"
    )
    for verhaal in verhalen:
        for told in _told(verhaal, teksten):
            print(visible(told))
    granted = sum(one.regel.prestatie.ondertekend for one in verhalen if one.regel.toegekend)
    print(f"nu toegekend: {euros(granted)}")


def _told(verhaal: Verhaal, teksten: Teksten) -> Iterator[str]:
    line, inzending = verhaal.regel.prestatie, verhaal.regel.inzending
    kind = "credit" if line.is_credit else "debet"
    yield f"{inzending.dagtekening} {line.referentienummer}: {kind} {euros(line.ondertekend)}"
    yield (
        f"  ingediend in declaratie {inzending.declaratienummer}, bericht {inzending.identificatie}"
    )
    yield (
        f"  toewijzing {line.toewijzingnummer}, product {line.productcategorie}/"
        f"{line.productcode}, {line.begindatum} tot en met {line.einddatum}"
    )
    yield f"  {_judged(verhaal.regel)}"
    for code in line.retourcodes:
        text = teksten.of(code)
        if text is not None:
            yield f"    {code}: {text.wat}"
    if verhaal.crediteert is not None:
        yield f"  crediteert {verhaal.crediteert.naam}"
    if verhaal.gecrediteerd_door is not None:
        yield f"  gecrediteerd door {verhaal.gecrediteerd_door.naam}"
    if verhaal.vervangen_door is not None:
        yield f"  opnieuw toegekend als {verhaal.vervangen_door.naam}"


def _judged(regel: Boekregel) -> str:
    """How a line was judged, by which 325 and when."""
    if regel.wacht:
        return "wacht op antwoord"
    inzending = regel.inzending
    codes = "" if regel.toegekend else f" met {' '.join(regel.prestatie.retourcodes)}"
    answer = f", 325 {inzending.antwoord}" if inzending.antwoord else ""
    day = f" van {inzending.beantwoord_op}" if answer and inzending.beantwoord_op else ""
    return f"{'toegekend' if regel.toegekend else 'afgewezen'}{codes}{answer}{day}"


def write_stories(verhalen: Iterable[Verhaal]) -> None:
    """The same as one JSON document."""
    with Document() as document:
        document.put_all("lines", map(_story_json, verhalen))


def _story_json(verhaal: Verhaal) -> dict[str, Any]:
    line, inzending = verhaal.regel.prestatie, verhaal.regel.inzending
    return {
        "gemeente": inzending.gemeente,
        "wet": inzending.wet,
        "aanbieder": inzending.aanbieder,
        "client": verhaal.regel.client,
        "toewijzing": line.toewijzingnummer,
        "productcategorie": line.productcategorie,
        "productcode": line.productcode,
        "begindatum": line.begindatum,
        "einddatum": line.einddatum,
        "declaratie": inzending.declaratienummer,
        "regel": line.referentienummer,
        "bedrag": line.ondertekend,
        "323": inzending.identificatie,
        "dagtekening": inzending.dagtekening,
        "325": inzending.antwoord,
        "beantwoordOp": inzending.beantwoord_op,
        "toegekend": verhaal.regel.toegekend,
        "retourcodes": line.retourcodes,
        "stand": verhaal.stand,
        "crediteert": _named(verhaal.crediteert),
        "gecrediteerdDoor": _named(verhaal.gecrediteerd_door),
        "vervangenDoor": _named(verhaal.vervangen_door),
    }


def _named(regel: Boekregel | None) -> dict[str, str] | None:
    if regel is None:
        return None
    inzending, line = regel.inzending, regel.prestatie
    return {"declaratie": inzending.declaratienummer, "regel": line.referentienummer}
