"""Questions about care: how the mix shifts, what nobody uses, who drops out and who returns."""

from __future__ import annotations

from gateway.ledger.regio.antwoord import Antwoord, percent, whole_of
from gateway.ledger.regio.basis import LOOPT, UITVAL
from gateway.ledger.regio.lijst import Kolom, Lijst, Waarde, share
from gateway.ledger.regio.rapport import Jaarcijfers, Tabel
from gateway.ledger.regio.telling import INTENSITEIT, Veld
from gateway.ledger.regio.verloop import (
    KORT_ANDER,
    KORT_ZELFDE,
    LANG_ANDER,
    LANG_ZELFDE,
    LIEP_DOOR,
    TE_KORT_TERUG,
)

EVERY_CELL = "alle cellen samen"


def mixverschuiving(nu: Jaarcijfers, vorig: Jaarcijfers | None) -> Antwoord:
    """The share of each intensity beside that of the year before."""
    here, before = nu.som(INTENSITEIT), {} if vorig is None else vorig.som(INTENSITEIT)
    rijen: list[tuple[Waarde, ...]] = []
    for naam in sorted({*here, *before}):
        one = _part_of(here.get(naam, Veld()), nu)
        other = _part_of(before.get(naam, Veld()), vorig)
        shift = None if one is None or other is None else one - other
        rijen.append((naam, other, one, shift))
    known = [rij for rij in rijen if rij[3] is not None]
    most = max(known, key=lambda rij: abs(whole_of(rij[3])), default=None)
    zin = (
        f"Het aandeel van {most[0]} verschoof het meest: van {percent(whole_of(most[1]))} naar "
        f"{percent(whole_of(most[2]))} van alle trajecten."
        if most is not None
        else f"Over {nu.jaar - 1} zijn er te weinig gegevens om mee te vergelijken."
    )
    return Antwoord(
        "Waar verschuift de mix?",
        zin,
        "Het deel van alle trajecten dat in een jaar liep, per intensiteit, met het jaar ervoor.",
        Lijst(
            "mixverschuiving",
            "Aandeel in alle trajecten",
            [
                Kolom("Intensiteit"),
                Kolom(str(nu.jaar - 1), "procent"),
                Kolom(str(nu.jaar), "procent"),
                Kolom("Verschuiving (procentpunt)", "tiende"),
            ],
            rijen,
            beeld=3,
        ),
    )


def ongebruikt(nu: Jaarcijfers) -> Antwoord:
    """Cells without a trajectory."""
    used, left = nu.gebruikt, len(nu.ongebruikt)
    return Antwoord(
        "Welke cellen gebruikt niemand?",
        f"Van {left} van de {left + used} cellen die golden of gebruikt zijn, liep in {nu.jaar} "
        "geen enkel traject.",
        "Cellen die in het jaar golden, zonder taken en vaste jaarbedragen.",
        Lijst(
            "ongebruikt",
            "Cellen zonder traject",
            [Kolom("Cel")],
            [(cel,) for cel in nu.ongebruikt],
        ),
    )


def uitval(nu: Jaarcijfers) -> Antwoord:
    """The share of ended trajectories that was dropped, per aanbieder."""
    tabel = nu.tabellen["afloop-aanbieder"]
    everyone = share_of_ended(tabel, "")
    rijen: list[tuple[Waarde, ...]] = []
    for aanbieder in tabel.rijen:
        found = share_of_ended(tabel, aanbieder)
        if found is not None:
            rijen.append((aanbieder, *found))
    rijen.sort(key=lambda rij: (-whole_of(rij[3]), str(rij[0])))
    average = None if everyone is None else everyone[2]
    above = sum(1 for rij in rijen if average is not None and whole_of(rij[3]) > average)
    zin = (
        f"Van alle trajecten die in {nu.jaar} eindigden, stopte {percent(average)} voortijdig. "
        f"Boven dat gemiddelde zitten {above} van de {len(rijen)} aanbieders met genoeg cliënten."
        if average is not None
        else "Er eindigden te weinig trajecten om dit te zeggen."
    )
    return Antwoord(
        "Waar vallen cliënten uit?",
        zin,
        "Voortijdig gestopt is een stopbericht met een reden die telt als uitval. Het deel is van "
        "alle trajecten die in het jaar eindigden.",
        Lijst(
            "uitval",
            "Uitval per aanbieder",
            [
                Kolom("Aanbieder"),
                Kolom("Beëindigd", "aantal"),
                Kolom("Voortijdig gestopt", "aantal"),
                Kolom("Deel", "procent"),
            ],
            rijen,
            beeld=3,
        ),
    )


def share_of_ended(tabel: Tabel, rij: str) -> tuple[int, int, int] | None:
    """How many trajectories ended, were dropped, and the share of that; None where not told."""
    whole, running, dropped = tabel.veld(rij), tabel.veld(rij, LOOPT), tabel.veld(rij, UITVAL)
    if whole is None or running is None or dropped is None:
        return None
    ended = whole.trajecten - running.trajecten
    deel = share(dropped.trajecten, ended)
    return None if deel is None else (ended, dropped.trajecten, deel)


def terugkeer(nu: Jaarcijfers) -> Antwoord:
    """The share of completed trajectories whose client came back, per cell."""
    tabel = nu.tabellen["terugkeer-cel"]
    rijen: list[tuple[Waarde, ...]] = []
    for cel in (*tabel.rijen, ""):
        whole = tabel.veld(cel)
        beside = [tabel.veld(cel, one) for one in (LIEP_DOOR, TE_KORT_TERUG)]
        back = [tabel.veld(cel, one) for one in (KORT_ZELFDE, KORT_ANDER, LANG_ZELFDE, LANG_ANDER)]
        if whole is None or None in (*beside, *back):
            continue
        known = whole.trajecten - sum(one.trajecten for one in beside if one)
        terug = sum(one.trajecten for one in back if one)
        if known > 0:
            rijen.append((cel or EVERY_CELL, known, terug, share(terug, known)))
    zin = (
        f"Van de trajecten die in {nu.jaar} volgens plan klaar waren en waarna de zorg stopte, "
        f"kwam {percent(whole_of(rijen[-1][3]))} terug."
        if rijen and rijen[-1][0] == EVERY_CELL
        else "Er is te weinig bekend om dit te zeggen. Kies een jaar eerder."
    )
    return Antwoord(
        "Waar komen cliënten terug nadat hun traject klaar was?",
        zin,
        "Waar de zorg doorliep of binnen een week verder ging, kan niemand terugkomen: dat telt "
        "niet mee. Wie korter geleden klaar was dan de langste termijn, telt nog niet mee.",
        Lijst(
            "terugkeer",
            "Terugkeer per cel",
            [
                Kolom("Cel"),
                Kolom("Klaar en gestopt", "aantal"),
                Kolom("Teruggekomen", "aantal"),
                Kolom("Deel", "procent"),
            ],
            rijen,
            beeld=3,
        ),
    )


def _part_of(veld: Veld | None, cijfers: Jaarcijfers | None) -> int | None:
    if veld is None or cijfers is None or cijfers.totaal is None:
        return None
    return share(veld.trajecten, cijfers.totaal.trajecten)
