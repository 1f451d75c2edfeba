"""The page that goes before a pack: what the year came to, in words and one table."""

from __future__ import annotations

from collections.abc import Iterator

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
        ("Gecrediteerd", -stand.gecrediteerd),
        ("**Netto toegekend**", stand.netto),
        (f"waarvan toegekend na {datum_lang(opdracht.instellingen.last_day(jaar))}", stand.laat),
        ("Vooruitbetaald voor latere jaren (trajecten)", -stand.vooruit),
        ("Overgenomen uit eerdere jaren (trajecten)", stand.overgenomen),
        ("Facturen buiten het berichtenverkeer, goedgekeurd", stand.facturen),
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
    yield f"* `jaareinde.toml` en {len(opdracht.overeenkomstbestanden)} overeenkomsten: de regels"


def _proof(cijfers: Cijfers, *, klopt: bool) -> str:
    told = f"Alle jaren samen zijn {euros(sum(cijfers.jaren.values()))} netto toegekend"
    ledger = euros(cijfers.grootboek.toegekend)
    if klopt:
        return f"{told}, precies wat in het grootboek staat. Het grootboek klopt."
    return f"**Let op:** {told}, in het grootboek {ledger}. Het grootboek klopt niet; zie controle."


def _remarks(cijfers: Cijfers) -> Iterator[str]:
    if cijfers.zonder_looptijd:
        yield ""
        yield (
            f"Van {cijfers.zonder_looptijd} startdelen is niet bekend hoe lang het traject duurt; "
            "zij staan geheel in het jaar waarin zij zijn gedeclareerd."
        )
    if cijfers.onleesbaar:
        yield ""
        yield (
            f"{len(cijfers.onleesbaar)} berichten zonder antwoord zijn niet te lezen, en tellen "
            "niet mee onder ‘nog niet beantwoord’."
        )
