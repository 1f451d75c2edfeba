"""Rule on the logical keys of the classes inside one message."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.periods.datums import datum_lang
from gateway.records.batch import (
    Aanvraagbatch,
    Antwoordbatch,
    Declaratiebatch,
    Regiebatch,
    Toewijzingbatch,
    Wijzigingbatch,
)
from gateway.records.declaratie import DeclaratieClient, Prestatie
from gateway.records.finding import Offence
from gateway.records.levering import StartProduct, StopProduct
from gateway.records.toewijzing import Contact, Relatie, ToegewezenProduct
from gateway.records.verzoek import (
    AangevraagdProduct,
    NieuwProduct,
    OngewijzigdProduct,
    TeWijzigenProduct,
)
from gateway.rules.registry import Offences, rule

Keybatch = (
    Toewijzingbatch | Regiebatch | Declaratiebatch | Antwoordbatch | Aanvraagbatch | Wijzigingbatch
)
Keyed = (
    Relatie
    | Contact
    | ToegewezenProduct
    | StartProduct
    | StopProduct
    | DeclaratieClient
    | Prestatie
    | AangevraagdProduct
    | OngewijzigdProduct
    | TeWijzigenProduct
    | NieuwProduct
)

DELETE_APART = (
    "neem deze één keer op, en stuur een verwijdering en een nieuwe aanlevering in twee berichten."
)
ASSIGNMENT_TWICE = (
    "ToewijzingNummer {shown} staat meer dan één keer in het bericht; neem elke toewijzing één "
    "keer op."
)
REPEATED: dict[type, tuple[str, str]] = {  # element that tells them apart, sentence
    Relatie: (
        "Nummer",
        "Nummer {shown} staat bij meer dan één relatie; geef elke relatie een eigen Nummer.",
    ),
    Contact: (
        "Soort",
        "Soort {shown} staat bij meer dan één contact van de cliënt; neem van elke Soort één "
        "contact op.",
    ),
    ToegewezenProduct: ("ToewijzingNummer", ASSIGNMENT_TWICE),
    StartProduct: (
        "",
        f"De start {{shown}} staat meer dan één keer in het bericht; {DELETE_APART}",
    ),
    StopProduct: ("", f"De stop {{shown}} staat meer dan één keer in het bericht; {DELETE_APART}"),
    DeclaratieClient: (
        "Bsn",
        "Deze cliënt staat meer dan één keer in het bericht; zet alle prestaties van een cliënt "
        "bij elkaar.",
    ),
    Prestatie: (
        "ProductReferentie/ReferentieNummer",
        "ReferentieNummer {shown} staat meer dan één keer bij dezelfde cliënt; geef elke prestatie "
        "een eigen ReferentieNummer.",
    ),
    AangevraagdProduct: (
        "ReferentieAanbieder",
        "ReferentieAanbieder {shown} staat bij meer dan één aangevraagd product; geef elk product "
        "een eigen referentie.",
    ),
    OngewijzigdProduct: ("ToewijzingNummer", ASSIGNMENT_TWICE),
    TeWijzigenProduct: ("ToewijzingNummer", ASSIGNMENT_TWICE),
    NieuwProduct: (
        "",
        "Het nieuwe product {shown} staat meer dan één keer in het bericht; neem het één keer op.",
    ),
}


@rule("TR101", retourcode="0001")
def class_repeated(batch: Keybatch) -> Offences:
    """No class stands twice in one message with the same logical key.

    The key is that of the class and of all classes around it; an absent element counts as empty.
    Every repetition offends, the first one does not.  StatusAanlevering is no part of the key, so
    a deletion and a new delivery of the same start need two messages (IV008).  The Contact of a
    Relatie is left out: the schema allows one, so it can only repeat together with its Relatie.
    """
    seen: set[tuple[object, ...]] = set()
    for subject in _classes(batch):
        key = (type(subject), *_key(subject))
        if key in seen:
            yield _repetition(subject)
        seen.add(key)


def _classes(batch: Keybatch) -> Iterator[Keyed]:
    """Every class with a key that can repeat in a message of this kind."""
    if isinstance(batch, Toewijzingbatch):
        yield from batch.relaties
        yield from (contact for contact in batch.contacten if contact.relatie is None)
        yield from batch.producten
    elif isinstance(batch, Regiebatch):
        yield from batch.starts
        yield from batch.stops
    elif isinstance(batch, Aanvraagbatch):
        yield from batch.producten
    elif isinstance(batch, Wijzigingbatch):
        yield from batch.ongewijzigd
        yield from batch.te_wijzigen
        yield from batch.nieuw
    else:
        yield from batch.clienten
        yield from batch.prestaties


def _key(subject: Keyed) -> tuple[object, ...]:
    """The logical key of a class; of a message about one Client without the Bsn."""
    match subject:
        case Prestatie():
            return (subject.bsn, subject.referentienummer, subject.vorig_referentienummer)
        case DeclaratieClient():
            return (subject.bsn,)
        case StartProduct() | StopProduct():
            return subject.sleutel
        case ToegewezenProduct() | OngewijzigdProduct() | TeWijzigenProduct():
            return (subject.toewijzingnummer,)
        case AangevraagdProduct():
            return (subject.referentie_aanbieder,)
        case NieuwProduct():
            return (subject.productcategorie, subject.productcode, subject.ingangsdatum)
        case Relatie():
            return (subject.nummer,)
        case Contact():
            return (subject.soort,)


def _repetition(subject: Keyed) -> Offence:
    """The offence of a class that stands in the message for the second time or later."""
    element, text = REPEATED[type(subject)]
    shown = _shown(subject)
    expected = "één keer in het bericht"
    return Offence(subject, text.format(shown=shown), element, found=shown, expected=expected)


def _shown(subject: Keyed) -> str:
    """What a class is called in words, never its Bsn."""
    match subject:
        case DeclaratieClient():
            return ""
        case Prestatie():
            return subject.referentienummer
        case StartProduct() | StopProduct():
            return _levering(subject)
        case NieuwProduct():
            return f"vanaf {datum_lang(subject.ingangsdatum)}"
    return str(_key(subject)[-1])


def _levering(product: StartProduct | StopProduct) -> str:
    """A start or stop in words: its assignment and its dates."""
    nummer = product.toewijzingnummer
    subject = "zonder ToewijzingNummer" if nummer is None else f"van toewijzing {nummer}"
    begun = f"{subject} met Begindatum {datum_lang(product.begindatum)}"
    if isinstance(product, StopProduct):
        return f"{begun} en Einddatum {datum_lang(product.einddatum)}"
    return begun
