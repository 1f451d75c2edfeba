"""The page that goes before a pack: what the year came to, in words and one table."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.periods.aantallen import aantal
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.store.jaareinde.cijfers import Cijfers
from gateway.store.jaareinde.pakket import Opdracht

_BESTANDEN = (
    ("totalen.csv", "per wet en product"),
    ("aanbieders.csv", "per aanbieder, wet en product"),
    ("facturen.csv", "elke regel van een factuur buiten het berichtenverkeer"),
    ("regels.csv", "elke toegekende regel, met wat ervan in dit jaar valt"),
    ("credits.csv", "de regels die iets terugnemen"),
    ("laat.csv", "de regels die na de grens zijn toegekend"),
    ("open.csv", "wat is ingediend en nog geen antwoord heeft"),
    ("overlopend.csv", "startdelen van trajecten die over het jaar heen lopen"),
    ("verantwoordingen.csv", "wat aanbieders opgaven, en hoe ver dat is"),
    ("verschillen.csv", "elk verschil met een opgave, met de verklaring"),
    ("jaren.csv", "netto toegekend per jaar, en samen het grootboek"),
    ("kennis.csv", "met welke versies van overeenkomsten en beleid is geoordeeld"),
    ("controle.json", "of het grootboek klopte toen dit werd gemaakt"),
    ("manifest.json", "de sha-256 van elk bestand"),
)


def summary(opdracht: Opdracht, cijfers: Cijfers, *, klopt: bool) -> str:
    """The text, as Markdown."""
    return "\n".join(_lines(opdracht, cijfers, klopt=klopt)) + "\n"


def _lines(opdracht: Opdracht, cijfers: Cijfers, *, klopt: bool) -> Iterator[str]:
    stand, jaar = cijfers.totaal, opdracht.jaar
    yield f"# Jaarafsluiting {jaar}, gemeente {opdracht.gemeente}"
    yield ""
    yield (
        f"Alles hieronder gaat over zorg die in {jaar} is geleverd, naar de dagen van de "
        "ProductPeriode. Het maakt niet uit wanneer is betaald."
    )
    yield ""
    yield f"| {jaar} | bedrag |"
    yield "|---|---:|"
    for naam, bedrag in (
        ("Toegekend aan debetregels", stand.toegekend),
        ("Af: gecrediteerd", stand.gecrediteerd),
        ("**Netto toegekend**", stand.netto),
        (f"waarvan toegekend na {datum_lang(opdracht.instellingen.last_day(jaar))}", stand.laat),
        ("Af: vooruitbetaald voor latere jaren (trajecten)", stand.vooruit),
        ("Bij: overgenomen uit eerdere jaren (trajecten)", stand.overgenomen),
        ("Bij: facturen buiten het berichtenverkeer, goedgekeurd", stand.facturen),
        ("**Lasten van het jaar**", stand.lasten),
        ("Afgewezen", stand.afgewezen),
        ("Ingediend en nog niet beantwoord", stand.open),
        ("Facturen die op goedkeuring wachten", stand.facturen_open),
    ):
        yield f"| {naam} | {euros(bedrag)} |"
    yield ""
    yield _proof(cijfers, klopt=klopt)
    yield from _remarks(cijfers)
    yield ""
    yield "## Bestanden"
    yield ""
    yield from (f"* `{naam}`: {wat}" for naam, wat in _BESTANDEN)
    agreements = aantal(len(opdracht.overeenkomstbestanden), "overeenkomst", "overeenkomsten")
    yield f"* `jaareinde.toml` en {agreements}: de regels"


def _proof(cijfers: Cijfers, *, klopt: bool) -> str:
    told = f"Alle jaren samen zijn {euros(sum(cijfers.jaren.values()))} netto toegekend"
    ledger = euros(cijfers.grootboek.toegekend)
    if klopt:
        return f"{told}, precies wat in het grootboek staat. Het grootboek klopt."
    return f"**Let op:** {told}, in het grootboek {ledger}. Het grootboek klopt niet; zie controle."


def _remarks(cijfers: Cijfers) -> Iterator[str]:
    if cijfers.zonder_looptijd:
        yield ""
        parts = aantal(cijfers.zonder_looptijd, "startdeel", "startdelen")
        yield (
            f"Van {parts} is niet bekend hoe lang het traject duurt; dat bedrag staat geheel in "
            "het jaar waarin het is gedeclareerd."
        )
    if cijfers.onleesbaar:
        yield ""
        told = "bericht zonder antwoord is", "berichten zonder antwoord zijn"
        yield (
            f"{aantal(len(cijfers.onleesbaar), *told)} niet te lezen. Wat daarin staat, telt niet "
            "mee onder ‘nog niet beantwoord’."
        )
