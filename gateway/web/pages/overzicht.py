"""The statement of a month as the file that was asked for, by its aanbieder or by staff."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import SpooledTemporaryFile

from starlette.responses import Response

from gateway.http.bestand import sent
from gateway.http.verzoek import Verzoek
from gateway.pipeline.kennis import dag_van
from gateway.store.inzage.overzicht import Overzichtvraag
from gateway.web.opmaak import gemeentenaam
from gateway.web.overzichtbestand import KOPPEN, Kop, as_pdf, check_pdf, rijen_van, write_csv
from gateway.web.pages.exportdoel import doel_van
from gateway.web.pages.uitvoer import CSV, MOST, bestand_van

PDF = "application/pdf"
IN_MEMORY = 4 * 1024 * 1024


def overzichtbestand(verzoek: Verzoek, vraag: Overzichtvraag) -> Response:
    """The file that was chosen: CSV with all lines, a PDF, or Excel with as many as are handy."""
    verzoek.doel = doel_van(verzoek)
    store, teksten = verzoek.omgeving.store.overzichten, verzoek.omgeving.teksten
    soort = verzoek.veld("soort")
    saldo = store.saldo(vraag)
    if soort == "pdf":
        check_pdf(saldo)
    for gemeente, client in store.clienten(vraag):
        verzoek.toont(gemeente, [client])
    naam = "-".join(filter(None, ("maand", vraag.maand, vraag.wet)))
    if soort == "xlsx":
        few = (
            rij for _, rij in zip(range(MOST), rijen_van(teksten, store.alle(vraag)), strict=False)
        )
        return bestand_van(verzoek, naam, KOPPEN, few)
    if soort == "pdf":
        body = as_pdf(teksten, _kop(verzoek, vraag), saldo, store.alle(vraag))
        return Response(body, media_type=PDF, headers=_named(verzoek, naam, "pdf"))
    # Written whole before the answer begins: what goes wrong is told, and never half a file.
    made = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    write_csv(made, teksten, store.alle(vraag))  # type: ignore[arg-type]
    return sent(made, CSV, _named(verzoek, naam, "csv"))


def _kop(verzoek: Verzoek, vraag: Overzichtvraag) -> Kop:
    vandaag = dag_van(verzoek.omgeving.clock())
    namen = verzoek.omgeving.store.register.namen_op(vandaag, vraag.aanbieders)
    known = sorted({namen[agb][1] for agb in vraag.aanbieders if agb in namen})
    return Kop(
        maand=vraag.maand,
        aanbieders=sorted(vraag.aanbieders),
        naam=" / ".join(known),
        gemeenten=gemeenten_in(verzoek, vraag),
        gemaakt=vandaag,
        wet=vraag.wet,
    )


def gemeenten_in(verzoek: Verzoek, vraag: Overzichtvraag) -> Sequence[str]:
    """The municipalities that the month is about, by name."""
    found = {code for code, _ in verzoek.omgeving.store.overzichten.clienten(vraag)}
    return [gemeentenaam(verzoek, code) for code in sorted(found)] or ["–"]


def _named(verzoek: Verzoek, naam: str, soort: str) -> dict[str, str]:
    day = dag_van(verzoek.omgeving.clock())
    return {"Content-Disposition": f'attachment; filename="{naam}-{day.isoformat()}.{soort}"'}
