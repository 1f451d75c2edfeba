"""Find what is wrong with the tables of an agreement file: keys, codes, periods, instalments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from gateway.agreements import keys

Table = Mapping[str, Any]


def document_problems(document: Table, gemeentecodes: Collection[str]) -> list[str]:
    """The problems inside one document; rows are judged once the agreement itself is sound."""
    told = list(key_problems("bestand", document, keys.BESTAND))
    if told:
        return told
    head = document["overeenkomst"]
    told = [
        *key_problems("overeenkomst", head, keys.OVEREENKOMST),
        *_dimension_problems(head),
        *_unknown_gemeenten("overeenkomst", head.get("gemeenten"), gemeentecodes),
    ]
    return told or _row_problems(document, head, gemeentecodes)


def _row_problems(document: Table, head: Table, gemeentecodes: Collection[str]) -> list[str]:
    told: list[str] = []
    for number, one in enumerate(document.get("uitgestapt", ()), start=1):
        told += _uitgestapt_problems(_label(f"uitgestapt {number}", one.get("gemeente")), one, head)
    codes = {cel.get("productcode") for cel in document.get("cel", ())}
    for number, cel in enumerate(document.get("cel", ()), start=1):
        told += _cel_problems(_cel_label(number, cel), cel, head, codes)
    for number, aanbieder in enumerate(document.get("aanbieder", ()), start=1):
        where = _label(f"aanbieder {number}", aanbieder.get("agb"))
        told += _aanbieder_problems(where, aanbieder, head)
        told += _unknown_gemeenten(where, aanbieder.get("gemeenten"), gemeentecodes)
    if "zwaarte" in document:
        told += _zwaarte_problems(document["zwaarte"], document, head)
    drempels = document.get("drempels", {})
    told += key_problems("drempels", drempels, keys.DREMPELS)
    return [*told, *_unknown_gemeenten("drempels", drempels.get("plafond"), gemeentecodes)]


def key_problems(where: str, table: Table, sleutels: keys.Sleutels) -> Iterator[str]:
    """Unknown, missing and wrongly filled keys of one table, one Dutch sentence each."""
    for key in table:
        if key not in sleutels:
            yield f"{where}: onbekende sleutel {key}"
    for key, sleutel in sleutels.items():
        if key not in table:
            if sleutel.verplicht:
                yield f"{where}: {key} ontbreekt"
        elif not sleutel.good(table[key]):
            yield f"{where}: {key} moet {sleutel.eis} zijn, gevonden {shown(table[key])}"


def _dimension_problems(head: Table) -> Iterator[str]:
    dimensies = head.get("dimensies")
    for naam in dimensies if isinstance(dimensies, list) else ():
        if isinstance(naam, str) and naam in keys.CEL:
            yield f"overeenkomst: dimensie {naam} heeft de naam van een vaste sleutel"


def _unknown_gemeenten(where: str, found: object, gemeentecodes: Collection[str]) -> Iterator[str]:
    """Codes that no list of municipalities holds; an empty list checks nothing."""
    if gemeentecodes and isinstance(found, list | dict):
        for code in found:
            if keys.is_gemeente(code) and code not in gemeentecodes:
                yield f"{where}: gemeente {code} bestaat niet"


def _uitgestapt_problems(where: str, table: Table, head: Table) -> Iterator[str]:
    yield from key_problems(where, table, keys.UITGESTAPT)
    code = table.get("gemeente")
    if keys.is_gemeente(code) and code not in head["gemeenten"]:
        yield f"{where}: gemeente {code} staat niet in gemeenten van de overeenkomst"


def _zwaarte_problems(table: Table, document: Table, head: Table) -> list[str]:
    told = list(key_problems("zwaarte", table, keys.ZWAARTE))
    if told:
        return told
    dimensie = table["dimensie"]
    if dimensie not in head["dimensies"]:
        return [f"zwaarte: {dimensie} is geen dimensie van de overeenkomst"]
    used = {cel.get(dimensie) for cel in document.get("cel", ())}
    unused = [one for one in table["volgorde"] if one not in used]
    return [f"zwaarte: geen enkele cel heeft {dimensie} {shown(one)}" for one in unused]


def _cel_problems(
    where: str, cel: Table, head: Table, productcodes: Collection[object]
) -> list[str]:
    dimensies = {naam: keys.text(verplicht=True) for naam in head["dimensies"]}
    told = list(key_problems(where, cel, {**dimensies, **keys.CEL}))
    if told:
        return told
    told += _scope_problems(where, cel, head)
    told += _period_problems(where, cel, _last_days(cel, head))
    if "termijnen" in cel:
        told += _termijn_problems(where, cel["termijnen"])
    eerder = cel.get("hoort_bij")
    if eerder is not None and (eerder == cel["productcode"] or eerder not in productcodes):
        told.append(f"{where}: hoort_bij {eerder} is geen andere productcode van de overeenkomst")
    return told


def _scope_problems(where: str, cel: Table, head: Table) -> Iterator[str]:
    wetten = [cel["wet"]] if "wet" in cel else head["wetten"]
    if not set(wetten) <= set(head["wetten"]):
        yield f"{where}: wet {cel['wet']} staat niet in wetten van de overeenkomst"
    categorie = cel["productcategorie"]
    if not any(categorie in keys.CATEGORIEEN[wet] for wet in wetten):
        yield f"{where}: productcategorie {categorie} bestaat niet voor {' of '.join(wetten)}"
    for code in cel.get("gemeenten", ()):
        if code not in head["gemeenten"]:
            yield f"{where}: gemeente {code} staat niet in gemeenten van de overeenkomst"


def _last_days(cel: Table, head: Table) -> tuple[str, ...]:
    """Which keys of a cell cannot be a day before it begins.

    A price of the ProductPeriode may be meant for none but assignments that ran already.
    """
    always = ("tot", "indicatie_tot", "declarabel_tot")
    peildatum = cel.get("peildatum", head["peildatum"])
    return always if peildatum == "productperiode" else (*always, "toewijsbaar_tot")


def _period_problems(
    where: str, table: Table, last_days: Sequence[str] = ("tot",)
) -> Iterator[str]:
    for key in last_days:
        if key in table and "vanaf" in table and table[key] < table["vanaf"]:
            yield f"{where}: {key} {table[key]} ligt voor vanaf {table['vanaf']}"


def _termijn_problems(where: str, termijnen: Sequence[Table]) -> list[str]:
    told: list[str] = []
    for number, termijn in enumerate(termijnen, start=1):
        told += key_problems(f"{where}: termijn {number}", termijn, keys.TERMIJN)
        if number < len(termijnen) and "deel" not in termijn:
            told.append(f"{where}: termijn {number}: deel ontbreekt, alleen de laatste is de rest")
    if told:
        return told
    total = sum(termijn.get("deel", 0) for termijn in termijnen)
    if "deel" in termijnen[-1] and total != 100:
        told.append(f"{where}: termijnen zijn samen {total} procent en geen 100")
    elif "deel" not in termijnen[-1] and total >= 100:
        told.append(f"{where}: termijnen laten met {total} procent niets over voor de laatste")
    return told


def _aanbieder_problems(where: str, aanbieder: Table, head: Table) -> list[str]:
    told = list(key_problems(where, aanbieder, keys.AANBIEDER))
    if told:
        return told
    selectors = {**keys.SELECTORS, **{naam: keys.text() for naam in head["dimensies"]}}
    for number, selector in enumerate(aanbieder.get("cellen", ()), start=1):
        told += key_problems(f"{where}: cellen {number}", selector, selectors)
        if not selector:
            told.append(f"{where}: cellen {number}: een lege tabel wijst niets aan")
    return [*told, *_period_problems(where, aanbieder), *_moment_problems(where, aanbieder, head)]


def _moment_problems(where: str, aanbieder: Table, head: Table) -> Iterator[str]:
    """A contract begins on a moment of admission; a row that only blocks may begin any day."""
    momenten = head.get("toelatingsmomenten")
    vanaf = aanbieder.get("vanaf")
    if not momenten or not vanaf or aanbieder.get("geblokkeerd"):
        return
    if f"{vanaf:%m-%d}" not in momenten:
        yield (
            f"{where}: vanaf {vanaf} is geen toelatingsmoment ({', '.join(momenten)}, maand-dag)"
        )


def _cel_label(number: int, cel: Table) -> str:
    code, eenheid = cel.get("productcode"), cel.get("eenheid")
    known = isinstance(code, str) and isinstance(eenheid, str)
    return _label(f"cel {number}", f"{code}/{eenheid}" if known else None)


def _label(row: str, name: object) -> str:
    return f"{row} ({name})" if isinstance(name, str) else row


def shown(value: object) -> str:
    """A value as it stands in the file, short enough for a sentence."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value[:40]}"'
    if isinstance(value, list):
        return "[" + ", ".join(shown(one) for one in value)[:80] + "]"
    if isinstance(value, dict):
        return "een tabel"
    return value.isoformat() if isinstance(value, date) else str(value)
