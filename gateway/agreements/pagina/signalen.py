"""Say what may be refused under an agreement, and what only gives the municipality a signal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.agreements.pagina.prijzen import gemeentenamen
from gateway.agreements.pagina.woorden import datum, opsomming, productcodes
from gateway.messages.codelijsten import Codelijsten
from gateway.periods.bedragen import euros
from gateway.records.overeenkomst import Cel, Overeenkomst, Plaats

EURO = "83"
IN_EUROS = frozenset({"traject", "periode"})
VOL = "vol"
EINDE = "einde"
FEW = 5  # so many product codes can still be read in a table

Code = tuple[str, str]  # the code of a check or a retourcode, and what it is about


def refusals(overeenkomst: Overeenkomst) -> Iterator[Code]:
    """The retourcodes that have to do with the prices of this agreement."""
    cellen = overeenkomst.cellen
    soorten = {cel.soort for cel in cellen}
    if any(_has_tariff(cel) for cel in cellen):
        yield "0611", "het tarief is niet de afgesproken prijs; ook een lager tarief is fout"
        yield "9346", "het bedrag is niet het aantal keer het tarief"
        yield "9341", "de eenheid is een andere dan die van de toewijzing of de prijs"
    if soorten - {"lumpsum", "taak"}:
        yield "9321", "de regel vraagt meer dan in één maand mag"
        yield "9322", "alle regels samen vragen meer dan is toegewezen"
    if soorten & {"budget", "lumpsum"}:
        yield "9369", "het Budget van de toewijzing is op"


def signals(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> list[Code]:
    """The checks that this agreement switches on, by code."""
    return sorted(
        [
            *_of_amounts(overeenkomst),
            *_of_clients(overeenkomst),
            *_of_providers(overeenkomst, lijsten),
            *_of_days(overeenkomst),
        ]
    )


def _of_amounts(overeenkomst: Overeenkomst) -> Iterator[Code]:
    cellen, drempels = overeenkomst.cellen, overeenkomst.drempels
    if any(cel.soort in IN_EUROS and cel.eenheid == EURO for cel in cellen) or any(
        cel.soort == "budget" and cel.per == "toewijzing" for cel in cellen
    ):
        yield "S101", "de toewijzing heeft een ander bedrag of een andere frequentie dan de prijs"
    if any(_may_ask_less(cel) for cel in cellen):
        yield "S102", "er wordt minder gevraagd dan is afgesproken"
    if any(_has_tariff(p.cel) and p.bekendgemaakt_op is not None for p in _places(overeenkomst)):
        yield "S103", "de prijs was nog niet bekend op de dag van de declaratie"
    if drempels.melding_traject is not None:
        yield "S111", f"een traject kost meer dan {euros(drempels.melding_traject)}"
    if any(cel.termijnen and cel.termijnen[-1].moment == EINDE for cel in cellen):
        yield "S114", f"het laatste deel wordt gevraagd zonder een stop{_results(cellen)}"
    if any(cel.termijnen or cel.hoort_bij for cel in cellen):
        yield "S120", "een deel volgt de termijnen niet, of het deel dat ervoor hoort ontbreekt"
    if any(
        cel.soort == "periode" and {cel.gebroken_begin, cel.gebroken_eind} != {VOL}
        for cel in cellen
    ):
        yield "S123", "voor een gebroken maand wordt meer gevraagd dan is afgesproken"
    yield "S119", "voor het product staat geen prijs in een overeenkomst die dan geldt"


def _places(overeenkomst: Overeenkomst) -> list[Plaats]:
    return [Plaats(overeenkomst, cel) for cel in overeenkomst.cellen]


def _has_tariff(cel: Cel) -> bool:
    """Whether a line under the cell shows a ProductTarief that is held against its price."""
    return cel.stuktarief is not None and cel.eenheid != EURO


def _may_ask_less(cel: Cel) -> bool:
    """Whether a line in euros under the cell can be for less than is due."""
    if cel.eenheid != EURO:
        return False
    return cel.soort == "periode" or (cel.soort == "traject" and not cel.termijnen)


def _results(cellen: Iterable[Cel]) -> str:
    codes = sorted({code for cel in cellen for code in cel.resultaat})
    return f" met reden {opsomming(codes, 'of')}" if codes else ""


def _of_clients(overeenkomst: Overeenkomst) -> Iterator[Code]:
    cellen = overeenkomst.cellen
    if not overeenkomst.stapelen:
        mark = overeenkomst.gezinskenmerk
        gezin = (
            f", of van één gezin (het woord na “{mark.strip()}” in het commentaar)" if mark else ""
        )
        what = "trajecten" if any(cel.soort == "traject" for cel in cellen) else "arrangementen"
        yield "S107", f"twee {what} van één cliënt{gezin} lopen tegelijk"
    if overeenkomst.hoofdaannemer:
        yield "S108", "een tweede aanbieder krijgt in dezelfde tijd dezelfde cliënt"
    if overeenkomst.vervangt:
        old = opsomming(f"`{one}`" for one in overeenkomst.vervangt)
        yield "S110", f"een oude indicatie ({old}) loopt nog in dezelfde tijd"
    if any(cel.soort == "taak" for cel in cellen):
        yield "S124", "er komt toch een toewijzing of regel voor wat als groep wordt betaald"
    if any(cel.soort == "budget" and cel.per == "client-jaar" for cel in cellen):
        yield "S125", "de cliënt gaat over het budget van het kalenderjaar"


def _of_providers(overeenkomst: Overeenkomst, lijsten: Codelijsten) -> Iterator[Code]:
    drempels, aanbieders = overeenkomst.drempels, overeenkomst.aanbieders
    if aanbieders:
        yield "S109", "de aanbieder heeft dan geen contract voor het product of de gemeente"
    if drempels.plafond:
        bedragen = opsomming(
            f"{gemeentenamen([code], lijsten)} {euros(cents)}"
            for code, cents in drempels.plafond.items()
        )
        yield "S112", f"het plafond van de gemeente voor dat jaar is bereikt ({bedragen})"
    if any(one.jaarbedrag is not None for one in aanbieders):
        procent = drempels.melding_jaarbedrag
        yield (
            "S113",
            f"de aanbieder is bij {procent} procent of bij 100 procent van zijn jaarbedrag",
        )
    if drempels.uitputting_dagen is not None:
        dagen = drempels.uitputting_dagen
        yield "S115", f"een toewijzing raakt meer dan {dagen} dagen voor de einddatum op"
    if any(one.geblokkeerd for one in aanbieders):
        yield "S118", "voor de aanbieder geldt een betaalblokkade"


def _of_days(overeenkomst: Overeenkomst) -> Iterator[Code]:
    cellen = overeenkomst.cellen
    if overeenkomst.indientermijn_dagen is not None:
        dagen = overeenkomst.indientermijn_dagen
        yield "S116", f"de declaratie komt meer dan {dagen} dagen na de maand van de zorg"
    for code, sentence, rest, key in (
        ("S117", "een toewijzing loopt door na", ", of heeft geen einddatum", "indicatie_tot"),
        ("S121", "een toewijzing begint na", "", "toewijsbaar_tot"),
        ("S122", "de zorg is geleverd na", "", "declarabel_tot"),
    ):
        if own := [cel for cel in cellen if getattr(cel, key) is not None]:
            days = opsomming(map(datum, sorted({getattr(cel, key) for cel in own})), "of")
            yield code, f"{sentence} {days}{rest}{_which(own, cellen)}"


def _which(own: Iterable[Cel], cellen: Iterable[Cel]) -> str:
    """For which products a last day holds, where it is not all of them."""
    codes = {cel.productcode for cel in own}
    others = [cel for cel in cellen if cel.productcode not in codes]
    if not others:
        return ""
    if len(codes) <= FEW:
        return f" (bij {productcodes(own)})"
    if len({cel.productcode for cel in others}) <= FEW:
        return f" (niet bij {productcodes(others)})"
    return " (bij een deel van de producten)"
