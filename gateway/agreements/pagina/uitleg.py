"""Say in plain Dutch how the prices of an agreement are judged, one sentence for each thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from gateway.agreements.pagina.woorden import opsomming, productcodes, wijze
from gateway.records.overeenkomst import Cel, Overeenkomst, Plaats, Termijn

EURO, UUR = "83", "04"
HUISHOUDELIJK = "01"
FEW = 6  # so many product codes can still be read in a sentence
MOMENTEN = {"start": "bij de start", "einde": "aan het einde"}
GEBROKEN = {
    "vol": "het hele bedrag",
    "geen": "niets",
    "naar-rato": "het deel van de dagen van die maand, afgerond op hele centen",
}


def price_sentences(overeenkomst: Overeenkomst) -> list[str]:
    """How each kind of price is held against what comes in, in the order of the kinds."""
    told: list[str] = []
    for soort, tell in KINDS.items():
        cellen = [cel for cel in overeenkomst.cellen if cel.soort == soort]
        if cellen:
            told += tell(cellen)
    return [*told, *_reference_dates(overeenkomst), *_published(overeenkomst)]


def _pxq(cellen: Sequence[Cel]) -> Iterator[str]:
    yield (
        f"**Prijs keer aantal** ({_wijzen(cellen)}): het tarief op de regel is precies de prijs, "
        "en het bedrag is het aantal keer dat tarief."
    )
    if any(cel.eenheid == UUR for cel in cellen):
        yield (
            "Een uurprijs mag ook in minuten worden gedeclareerd. Het bedrag is dan de uurprijs "
            "keer de minuten, gedeeld door 60 en afgerond op hele centen."
        )
    if any(cel.productcategorie == HUISHOUDELIJK for cel in cellen):
        yield "Hulp bij het huishouden per week mag in elke maand voor zes weken."


def _stuk(cellen: Sequence[Cel]) -> Iterator[str]:
    yield "**Prijs per stuk output**: het tarief op de regel is precies de prijs van een stuk."


def _traject(cellen: Sequence[Cel]) -> Iterator[str]:
    yield (
        f"**Vaste prijs voor een heel traject**: de prijs {_stands(cellen)}. Alle regels samen "
        "komen er niet boven; meerwerk wordt niet betaald."
    )
    for termijnen in dict.fromkeys(cel.termijnen for cel in cellen if len(cel.termijnen) > 1):
        yield f"{_which(cellen, termijnen)} in termijnen betaald: {_instalments(termijnen)}."
    if any(not cel.termijnen for cel in cellen):
        yield "Staan er geen termijnen bij, dan mag de prijs worden verdeeld zoals het uitkomt."
    parts = [f"`{c.productcode}` na `{c.hoort_bij}`" for c in cellen if c.hoort_bij is not None]
    if parts:
        yield (
            "Een traject kan bestaan uit twee producten met twee toewijzingen, die bij elkaar "
            f"horen: {opsomming(parts)}."
        )


def _which(cellen: Sequence[Cel], termijnen: tuple[Termijn, ...]) -> str:
    """Whether instalments are those of every trajectory or of some."""
    own = [cel for cel in cellen if cel.termijnen == termijnen]
    if len(own) == len(cellen):
        return "Elk traject wordt"
    which = f" ({productcodes(own)})" if len(own) <= FEW else ""
    return f"Een deel van de trajecten{which} wordt"


def _instalments(termijnen: Sequence[Termijn]) -> str:
    parts = [
        f"{'de rest' if one.deel is None else f'{one.deel} procent'} {_moment(one.moment)}"
        for one in termijnen
    ]
    return f"{opsomming(parts)}. De laatste termijn is de rest, tot op de cent"


def _moment(moment: str) -> str:
    return MOMENTEN.get(moment, f"bij “{moment}”")


def _periode(cellen: Sequence[Cel]) -> Iterator[str]:
    yield (
        f"**Vast bedrag per maand**: het bedrag {_stands(cellen)}. Een hele maand is het hele "
        "bedrag."
    )
    for begin, eind in dict.fromkeys((c.gebroken_begin, c.gebroken_eind) for c in cellen):
        if begin == eind:
            yield f"In een gebroken eerste of laatste maand telt {GEBROKEN[begin]}."
        else:
            yield (
                f"In een gebroken eerste maand telt {GEBROKEN[begin]}, in een gebroken laatste "
                f"maand {GEBROKEN[eind]}."
            )


def _stands(cellen: Iterable[Cel]) -> str:
    """Where the messages show a fixed price."""
    euro = any(cel.eenheid == EURO for cel in cellen)
    return "staat in de toewijzing" if euro else "is het tarief op de regel"


def _budget(cellen: Sequence[Cel]) -> Iterator[str]:
    if any(cel.per == "toewijzing" for cel in cellen):
        yield (
            "**Budget per toewijzing**: het bedrag staat als Budget in de toewijzing. Wat er niet "
            "meer in past, wordt afgewezen."
        )
    if any(cel.per == "client-jaar" for cel in cellen):
        yield (
            "**Budget per cliënt en kalenderjaar**: de gateway telt wat er voor de cliënt in dat "
            "jaar is toegekend. Wat erboven komt, wordt toegekend met een signaal."
        )
    if any(cel.tarief is not None for cel in cellen):
        yield "Binnen een budget is het tarief op de regel precies de prijs per eenheid."


def _lumpsum(cellen: Sequence[Cel]) -> Iterator[str]:
    yield (
        "**Eén bedrag voor een aanbieder en een periode**: geen enkele regel wordt afgewezen op "
        "zijn tarief. Na afloop wordt vastgesteld wat er is gebruikt."
    )
    for tolerantie, hoe in dict.fromkeys((cel.tolerantie, cel.verrekening) for cel in cellen):
        what = "het hele verschil" if hoe == "geheel" else "alleen wat daarbuiten ligt"
        yield (
            f"Wijkt het gebruik meer dan {tolerantie} procent af, naar boven of naar beneden, dan "
            f"wordt {what} verrekend{_for(cellen, tolerantie, hoe)}."
        )
    for aantal in dict.fromkeys(cel.voorschotten for cel in cellen if cel.voorschotten > 1):
        codes = productcodes(cel for cel in cellen if cel.voorschotten == aantal)
        yield (
            f"Voor {codes} wordt het bedrag betaald in {aantal} gelijke voorschotten; het laatste "
            "is de rest."
        )


def _for(cellen: Sequence[Cel], tolerantie: int, hoe: str) -> str:
    """For which of several ways to settle a sentence speaks."""
    same = [cel for cel in cellen if (cel.tolerantie, cel.verrekening) == (tolerantie, hoe)]
    if len(same) == len(cellen):
        return ""
    return f" (aanbieder {opsomming(agb for cel in same for agb in cel.aanbieders or ())})"


def _taak(cellen: Sequence[Cel]) -> Iterator[str]:
    yield (
        "**Eén bedrag voor een hele groep inwoners**: er zijn geen toewijzingen en geen facturen "
        "per cliënt. Het gebruik volgt uit start en stop."
    )


Teller = Callable[[Sequence[Cel]], Iterator[str]]
KINDS: Mapping[str, Teller] = {
    "pxq": _pxq,
    "stuk": _stuk,
    "traject": _traject,
    "periode": _periode,
    "budget": _budget,
    "lumpsum": _lumpsum,
    "taak": _taak,
}


def _reference_dates(overeenkomst: Overeenkomst) -> Iterator[str]:
    """Which date picks the price of a line or an assignment, for which kinds of price."""
    plaatsen = [Plaats(overeenkomst, c) for c in overeenkomst.cellen if c.stuktarief is not None]
    wijzen = {
        peildatum: list(dict.fromkeys(wijze(p.cel) for p in plaatsen if p.peildatum == peildatum))
        for peildatum in dict.fromkeys(plaats.peildatum for plaats in plaatsen)
    }
    for peildatum, own in wijzen.items():
        for_which = f" ({opsomming(own)})" if len(wijzen) > 1 else ""
        if peildatum == "ingangsdatum":
            yield (
                f"De prijs{for_which} is die van de dag waarop de toewijzing ingaat. Wie al een "
                "toewijzing heeft, houdt zijn prijs."
            )
        else:
            yield f"De prijs{for_which} is die van de maand waarin de zorg is geleverd."


def _published(overeenkomst: Overeenkomst) -> Iterator[str]:
    if any(cel.bekendgemaakt_op and cel.stuktarief is not None for cel in overeenkomst.cellen):
        yield (
            "Is een nieuwe prijs nog niet bekend op de dag van de declaratie, dan zijn de oude en "
            "de nieuwe prijs allebei goed."
        )


def _wijzen(cellen: Iterable[Cel]) -> str:
    return opsomming(map(wijze, cellen))
