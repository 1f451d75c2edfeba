"""Pakketten: messages offered together in a zip, and what became of each of them."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Annotated, Literal

import msgspec

from gateway.api.berichten import BYTECAP, offered, refuse_others
from gateway.api.eindpunt import ZIP, Eindpunt, Oproep, Uitkomst, Vorm
from gateway.api.woorden import BERICHT, adres, kenmerk
from gateway.errors import PakketGeweigerd, VerzoekGeweigerd
from gateway.messages.pakket import MOST, Lid, read_pakket
from gateway.toegang.rechten import Recht


class Pakketlid(Vorm, frozen=True, kw_only=True):
    """Wat er met een bericht uit het pakket is gebeurd."""

    naam: Annotated[str, msgspec.Meta(description="De naam in de zip.")]
    uitkomst: Annotated[
        Literal["opgenomen", "dubbel", "geweigerd"],
        msgspec.Meta(description="Dubbel: deze bytes waren al opgenomen."),
    ]
    reden: Annotated[str | None, msgspec.Meta(description="Waarom het is geweigerd.")]
    id: str | None
    sha256: str | None
    adres: str | None


class Pakketverslag(Vorm, frozen=True, kw_only=True):
    """Elk bericht uit het pakket, in de volgorde van de zip."""

    leden: list[Pakketlid]


def bied_pakket_aan(oproep: Oproep) -> Uitkomst:
    """Store every message of a zip durably; one that is refused loses no other."""
    bytecap = oproep.verzoek.omgeving.kennis.bytecap
    try:
        leden = [_taken(oproep, one) for one in read_pakket(BytesIO(oproep.inhoud), bytecap)]
    except PakketGeweigerd as refusal:
        raise VerzoekGeweigerd(422, str(refusal)) from None
    return Uitkomst(Pakketverslag(leden=leden))


def _taken(oproep: Oproep, lid: Lid) -> Pakketlid:
    if lid.inhoud is None:
        return _refused(lid, lid.reden)
    try:
        refuse_others(oproep, lid.inhoud)
    except VerzoekGeweigerd as refusal:
        return _refused(lid, str(refusal))
    taken = offered(oproep, lid.inhoud)
    own = kenmerk(oproep.verzoek.omgeving, BERICHT, taken.inbox_id)
    return Pakketlid(
        naam=lid.naam,
        uitkomst="opgenomen" if taken.is_new else "dubbel",
        reden=None,
        id=own,
        sha256=hashlib.sha256(lid.inhoud).hexdigest(),
        adres=adres("berichten", own),
    )


def _refused(lid: Lid, reden: str | None) -> Pakketlid:
    return Pakketlid(
        naam=lid.naam, uitkomst="geweigerd", reden=reden, id=None, sha256=None, adres=None
    )


EINDPUNTEN = (
    Eindpunt(
        methode="POST",
        pad="/berichten/_pakket",
        naam="biedPakketAan",
        groep="berichten",
        titel="Berichten samen in een zip aanbieden",
        uitleg=(
            f"Hoogstens {MOST} berichten, elk met een naam op .xml en zonder mappen. Wat hieronder "
            "opgenomen heet, is veilig opgeslagen. Een bericht dat wordt geweigerd, houdt de "
            "andere niet tegen; een zip die als geheel niet kan, geeft 422."
        ),
        rechten=(Recht.AANBIEDEN,),
        doe=bied_pakket_aan,
        media_in=ZIP,
        antwoord=Pakketverslag,
        fouten=(413, 422),
        handeling="pakket aangeboden",
        soort="C",
        bytecap=BYTECAP,
        herhaalbaar=True,
    ),
)
