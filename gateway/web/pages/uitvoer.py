"""Exports of what is on the screen, for a purpose that is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from starlette.responses import Response

from gateway.errors import WrongUse
from gateway.http.pad import Pad
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.records.masker import mask
from gateway.store.inzage.blad import Blad
from gateway.store.werk.voorraad import Oorzaakrij, Post
from gateway.toegang.rechten import Recht
from gateway.web.opmaak import gemeentenaam, met_namen
from gateway.web.pages import woorden
from gateway.web.pages.exportdoel import doel_van
from gateway.web.pages.werkvoorraad import oorzaak_van
from gateway.web.pages.zoekvelden import zoekvraag
from gateway.web.uitvoer import Bedrag, Cel, as_csv, as_xlsx

T = TypeVar("T")
MOST, AT_ONCE = 10_000, 500
TOO_MANY = "deze lijst heeft meer dan 10.000 rijen; kies eerst een kleiner deel"
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OORZAAKKOPPEN = (
    *("gemeente", "gemeentecode", "wet", "aanbieder", "regel of controle", "retourcode"),
    *("cel of product", "overeenkomst", "bevindingen", "bedrag", "berichten", "toewijzingen"),
    *("aangehouden", "uiterlijk", "eigenaar", "voorbeeld"),
)
POSTKOPPEN = (
    *("declaratie", "regel", "toewijzing", "begindatum", "stand", "bedrag", "ontvangen"),
    "bevinding",
)


def _oorzaken(verzoek: Verzoek) -> Response:
    voorraad, bereik = verzoek.omgeving.store.werkvoorraad, verzoek.bereik
    velden = {name: str(value) for name, value in verzoek.vraag.formulier.items()}
    vraag = zoekvraag(velden, verzoek.wie.kenmerk)

    def page(na: str | None) -> Blad[Oorzaakrij]:
        return voorraad.oorzaken(bereik, vraag.filter, vraag.volgorde, na, AT_ONCE)

    return bestand_van(
        verzoek, "werkvoorraad", OORZAAKKOPPEN, map(partial(_oorzaakrij, verzoek), rows_of(page))
    )


def _posten(verzoek: Verzoek) -> Response:
    rij, voorraad, bereik = (
        oorzaak_van(verzoek),
        verzoek.omgeving.store.werkvoorraad,
        verzoek.bereik,
    )

    def page(na: str | None) -> Blad[Post]:
        found = voorraad.posten(bereik, rij.nummer, "bedrag", na, AT_ONCE)
        for gemeente, client in voorraad.clienten(
            bereik, [one.bevinding_id for one in found.rijen]
        ):
            verzoek.toont(gemeente, [client], f"oorzaak {rij.nummer}")
        return found

    return bestand_van(
        verzoek, "oorzaak", POSTKOPPEN, map(partial(_postrij, verzoek), rows_of(page))
    )


def rows_of(page: Callable[[str | None], Blad[T]]) -> Iterator[T]:
    """The rows of all pages; raises WrongUse for more than a spreadsheet is handy for.

    A file without its last rows would be taken for the whole list.
    """
    count, na = 0, None
    while True:
        found: Blad[T] = page(na)
        count += len(found.rijen)
        na = found.volgende
        if count > MOST or (count == MOST and na is not None):
            raise WrongUse(TOO_MANY)
        yield from found.rijen
        if na is None:
            return


def bestand_van(
    verzoek: Verzoek, naam: str, koppen: Sequence[str], rijen: Iterable[Sequence[Cel]]
) -> Response:
    """A list as the file that was chosen in the form, for the purpose in it."""
    verzoek.doel = doel_van(verzoek)
    is_csv = verzoek.veld("soort") != "xlsx"
    body = as_csv(koppen, rijen) if is_csv else as_xlsx(koppen, rijen)
    day = dag_van(verzoek.omgeving.clock())
    told = f'attachment; filename="{naam}-{day.isoformat()}.{"csv" if is_csv else "xlsx"}"'
    kind = CSV if is_csv else XLSX
    return Response(body, media_type=kind, headers={"Content-Disposition": told})


def _oorzaakrij(verzoek: Verzoek, one: Oorzaakrij) -> Sequence[Cel]:
    oorzaak, omvang = one.oorzaak, one.omvang
    return (
        gemeentenaam(verzoek, oorzaak.gemeente),
        oorzaak.gemeente,
        woorden.WETTEN.get(oorzaak.wet, oorzaak.wet),
        oorzaak.aanbieder,
        oorzaak.rule,
        oorzaak.retourcode,
        oorzaak.product,
        one.overeenkomst,
        omvang.bevindingen,
        Bedrag(omvang.belang),
        omvang.berichten,
        omvang.toewijzingen,
        omvang.aangehouden,
        one.termijn.isoformat() if one.termijn else None,
        one.eigenaar_naam,
        met_namen(verzoek, one.voorbeeld),
    )


def _postrij(verzoek: Verzoek, one: Post) -> Sequence[Cel]:
    return (
        one.declaratienummer,
        mask(one.reference or ""),
        one.toewijzingnummer,
        one.begindatum.isoformat() if one.begindatum else None,
        woorden.EFFECTEN[one.effect][0],
        Bedrag(one.belang),
        dag_van(one.ontvangen).isoformat(),
        met_namen(verzoek, one.text),
    )


def uitvoerpad(
    path: str,
    handler: Callable[[Verzoek], Response],
    handeling: str,
    *,
    recht: Recht = Recht.EXPORTEREN,
) -> Pad:
    """The route of an export."""
    return Pad(
        path=path,
        method="POST",
        handler=handler,
        recht=recht,
        handeling=handeling,
        budget="export",
        sterk=True,
    )


PADEN = (
    uitvoerpad("/werkvoorraad/uitvoer", _oorzaken, "werkvoorraad uitvoeren"),
    uitvoerpad("/werkvoorraad/{kenmerk}/uitvoer", _posten, "oorzaak uitvoeren"),
)
