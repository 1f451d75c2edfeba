"""Rules that hold a ToegewezenProduct against what was sent, asked and granted before."""

from __future__ import annotations

from gateway.periods.datums import datum_lang
from gateway.records.batch import Toewijzingbatch
from gateway.records.finding import Offence
from gateway.records.toewijzing import ToegewezenProduct
from gateway.rules.registry import Offences, rule


@rule("TR332", retourcode="9332")
def toewijzingnummer_reused(batch: Toewijzingbatch) -> Offences:
    """A ToewijzingNummer stands for one assignment in a municipality and law.

    Sent again or changed, it keeps its number, so a known number must still be of the same
    client, aanbieder, Product and Ingangsdatum (IV066); everything else may change.  That holds
    for a deleted one too: it keeps its Ingangsdatum.  Twice in one message is for TR101.
    """
    for toewijzing in batch.producten:
        versies = batch.eerdere.get(toewijzing.toewijzingnummer)
        difference = _difference(toewijzing, versies[-1]) if versies else None
        if difference is not None:
            owner, found, expected = difference
            yield Offence(
                toewijzing,
                f"ToewijzingNummer {toewijzing.toewijzingnummer} hoort al bij een toewijzing "
                f"{owner}; geef deze toewijzing een nieuw nummer.",
                "ToewijzingNummer",
                found=found,
                expected=expected,
            )


def _difference(given: ToegewezenProduct, known: ToegewezenProduct) -> tuple[str, str, str] | None:
    """Why a number stands for something else: the known one in words, as given and as known."""
    if given.bsn != known.bsn:
        return "van een andere cliënt", "een andere cliënt", "dezelfde cliënt"
    if given.aanbieder != known.aanbieder:
        return f"van aanbieder {known.aanbieder}", given.aanbieder, known.aanbieder
    if _product(given) != _product(known):
        return _product(known), _product(given), _product(known)
    if given.ingangsdatum != known.ingangsdatum:
        day = datum_lang(known.ingangsdatum)
        return f"met Ingangsdatum {day}", datum_lang(given.ingangsdatum), day
    return None


def _product(toewijzing: ToegewezenProduct) -> str:
    """The Product in words, as far as it is given."""
    if toewijzing.productcategorie is None:
        return "zonder Product"
    if toewijzing.productcode is None:
        return f"met productcategorie {toewijzing.productcategorie} zonder productcode"
    return f"met productcategorie {toewijzing.productcategorie} en code {toewijzing.productcode}"


@rule("TR379", retourcode="9379")
def referentie_without_request(batch: Toewijzingbatch) -> Offences:
    """A ReferentieAanbieder is that of a request of the aanbieder, in the 301 that grants it.

    It stands in the first 301 that honours a VOT or VOW and in no later change (IV097).  So it
    offends when no such request is known, and when an older version of the same number already
    had it.  The same version sent again keeps it.  A missing ReferentieAanbieder never offends:
    nothing tells that an assignment was asked for.
    """
    for toewijzing in batch.producten:
        referentie = toewijzing.referentie_aanbieder
        if referentie is None:
            continue
        if referentie not in batch.verzoeken:
            yield _stray_referentie(
                toewijzing, referentie, "hoort niet bij een verzoek van deze aanbieder"
            )
        elif _honoured_before(batch, toewijzing):
            yield _stray_referentie(
                toewijzing, referentie, "is al gebruikt toen deze toewijzing is afgegeven"
            )


def _honoured_before(batch: Toewijzingbatch, toewijzing: ToegewezenProduct) -> bool:
    """Whether an older version of the assignment already answered the same request."""
    return any(
        earlier.versie < toewijzing.versie
        and earlier.referentie_aanbieder == toewijzing.referentie_aanbieder
        for earlier in batch.eerdere.get(toewijzing.toewijzingnummer, ())
    )


def _stray_referentie(toewijzing: ToegewezenProduct, referentie: str, reason: str) -> Offence:
    return Offence(
        toewijzing,
        f"ReferentieAanbieder {referentie} bij toewijzing {toewijzing.toewijzingnummer} {reason}; "
        "laat de ReferentieAanbieder weg of verbeter deze.",
        "ReferentieAanbieder",
        found=referentie,
        expected="de referentie van een verzoek dat nu wordt gehonoreerd, of niets",
    )


@rule("TR385", retourcode="9385")
def deletion_with_granted_prestaties(batch: Toewijzingbatch) -> Offences:
    """An assignment with granted Prestaties that were not credited is not deleted (13).

    Money that was granted would lose its ground; the aanbieder must credit first.
    """
    for toewijzing in batch.producten:
        if toewijzing.is_verwijderd and toewijzing.toewijzingnummer in batch.toegekend:
            yield Offence(
                toewijzing,
                f"Toewijzing {toewijzing.toewijzingnummer} kan niet worden verwijderd, omdat er "
                "toegekende prestaties op staan; beëindig de toewijzing of laat de aanbieder eerst "
                "crediteren.",
                "RedenWijziging",
                found="13",
                expected="geen verwijdering",
            )
