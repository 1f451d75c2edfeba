"""The form in which a beheerder changes a policy, and in words what a change comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from gateway.deviations.beleidstekst import Document, document_of, toml_of
from gateway.deviations.policy import EFFECTS, SCOPE, Beleid, Ontheffing, beleid_of
from gateway.errors import WrongUse
from gateway.http.verzoek import Verzoek
from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_kort
from gateway.records.masker import mask
from gateway.web.beheer.beleid import EFFECTEN
from gateway.web.pages.zoekvelden import cents

# So many waivers can be added at once.
NIEUWE = 2
_GETALLEN: Mapping[tuple[str, str], str] = {
    ("hold", "alarmdag"): "de werkdag van de waarschuwing",
    ("hold", "besluitdag"): "de werkdag waarop wordt toegekend",
    ("besluit", "bedenktijd"): "de bedenktijd in minuten",
}
_NO_DAY = "schrijf een dag als jjjj-mm-dd"


def filled(verzoek: Verzoek, basis: Beleid) -> str:
    """The text of the policy that the form asks for, as a change of another one.

    Raises WrongUse, in one sentence, for what is no policy.
    """
    document = document_of(basis)
    document["check"] = dict(_checks(verzoek))
    for (tabel, key), wat in _GETALLEN.items():
        document[tabel][key] = _whole(verzoek.veld(key), wat)
    document["besluit"]["tweede_persoon_boven"] = cents(verzoek.veld("tweede_persoon_boven"))
    weg = verzoek.vraag.formulier.getlist("weg")
    kept = [one for n, one in enumerate(document["ontheffing"]) if str(n) not in weg]
    document["ontheffing"] = [*kept, *_nieuwe(verzoek)]
    text = toml_of(document)
    beleid_of(text, verzoek.omgeving.teksten.checks)
    return text


def _checks(verzoek: Verzoek) -> Iterator[tuple[str, Document]]:
    """The checks that do something else than signal, or have a place in the control plan."""
    for code in sorted(verzoek.omgeving.teksten.checks):
        effect = verzoek.veld(f"effect-{code}") or "signal"
        plan = mask(verzoek.veld(f"plan-{code}"))
        if effect not in EFFECTS:
            raise WrongUse(f"kies bij {code} wat er gebeurt")
        if effect != "signal" or plan:
            yield code, {"effect": effect, **({"controleplan": plan} if plan else {})}


def _nieuwe(verzoek: Verzoek) -> Iterator[Document]:
    """The waivers that were filled in; a row without a check is none."""
    for n in range(NIEUWE):
        found = {
            key: verzoek.veld(f"nieuw-{n}-{key}")
            for key in ("check", "eigenaar", "reden", "tot", *SCOPE)
        }
        if not found["check"]:
            if any(found.values()):
                raise WrongUse("kies bij de ontheffing voor welke controle zij is")
            continue
        row: Document = {key: mask(value) for key, value in found.items() if value}
        row["tot"] = day_of(found["tot"])
        if found["toewijzingnummer"]:
            row["toewijzingnummer"] = _whole(found["toewijzingnummer"], "het toewijzingnummer")
        yield row


def day_of(text: str) -> date:
    """A day as a form gives it; raises WrongUse for any other text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(_NO_DAY) from None


def _whole(text: str, wat: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise WrongUse(f"{wat}: vul een geheel getal in")
    return int(text)


def verschillen(oud: Beleid, nieuw: Beleid) -> list[tuple[str, str, str]]:
    """What changes between two policies: what, as it was, and as it will be."""
    found = [
        *_of_checks(oud, nieuw),
        ("Waarschuwing op werkdag", str(oud.alarmdag), str(nieuw.alarmdag)),
        ("Toekennen op werkdag", str(oud.besluitdag), str(nieuw.besluitdag)),
        (
            "Tweede persoon boven",
            euros(oud.tweede_persoon_boven),
            euros(nieuw.tweede_persoon_boven),
        ),
        ("Bedenktijd", f"{oud.bedenktijd} minuten", f"{nieuw.bedenktijd} minuten"),
        *(
            (f"Ontheffing {one.check}", in_words(one), "vervalt")
            for one in oud.ontheffingen
            if one not in nieuw.ontheffingen
        ),
        *(
            (f"Ontheffing {one.check}", "geen", in_words(one))
            for one in nieuw.ontheffingen
            if one not in oud.ontheffingen
        ),
    ]
    return [one for one in found if one[1] != one[2]]


def _of_checks(oud: Beleid, nieuw: Beleid) -> Iterator[tuple[str, str, str]]:
    codes = {*oud.effects, *nieuw.effects, *oud.controleplannen, *nieuw.controleplannen}
    for code in sorted(codes):
        yield (
            f"Controle {code}",
            EFFECTEN[oud.effect_of(code)][0],
            EFFECTEN[nieuw.effect_of(code)][0],
        )
        yield (
            f"Controleplan bij {code}",
            oud.controleplannen.get(code, "niet genoemd"),
            nieuw.controleplannen.get(code, "niet genoemd"),
        )


def in_words(one: Ontheffing) -> str:
    """A waiver in one sentence."""
    scope = (
        (f"aanbieder {one.aanbieder}", one.aanbieder),
        (f"product {one.productcode}", one.productcode),
        (f"toewijzing {one.toewijzingnummer}", one.toewijzingnummer),
    )
    waarvoor = ", ".join(text for text, value in scope if value is not None)
    return f"{waarvoor}, tot en met {datum_kort(one.tot)}: {one.reden} ({one.eigenaar})"
