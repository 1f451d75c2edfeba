"""How municipalities pay, for who asks over HTTP: by a page or by the API."""

from __future__ import annotations

from datetime import date

from gateway.errors import AlBeoordeeld, CouldNotFinish
from gateway.http.omgeving import Omgeving
from gateway.ledger.geld.betaalbeleid import Betaalinstellingen, read_betaalinstellingen
from gateway.ledger.geld.journaal import Boeking, journaal, read_rekeningschema
from gateway.periods.werkdagen import add_working_days
from gateway.pipeline.kennis import dag_van
from gateway.store.geld.betalen.inzage import Run
from gateway.store.geld.betalen.maken import Runvraag
from gateway.store.noteren import Noteer
from gateway.toegang.wie import Bereik, Wie


def instellingen_van(omgeving: Omgeving) -> Betaalinstellingen:
    """How each municipality pays, as the file says now."""
    settings = omgeving.settings
    return read_betaalinstellingen(settings.betaalbestand, settings.vrije_dagen)


def geblokkeerd(omgeving: Omgeving, gemeente: str, dag: date) -> frozenset[str]:
    """Whom the agreements hold payment of on a day."""
    return omgeving.kennis.overeenkomsten.blocked_on(gemeente, dag)


def runvraag(
    omgeving: Omgeving,
    gemeente: str,
    *,
    tot: date | None = None,
    uitvoering: date | None = None,
    vervalt: date | None = None,
) -> Runvraag:
    """What a run is made of: what was answered until today, paid on the next working day.

    `vervalt` keeps it to what has to be paid by that day.
    """
    vandaag, beleid = dag_van(omgeving.clock()), instellingen_van(omgeving).of(gemeente)
    op = uitvoering or add_working_days(vandaag, 1, beleid.vrije_dagen)
    return Runvraag(
        gemeente=gemeente,
        tot=tot or vandaag,
        uitvoering=op,
        vanaf=beleid.vanaf,
        begin_tot=None if vervalt is None else beleid.begin_voor(vervalt),
        vervalt_tot=vervalt,
        from_answer=beleid.from_answer,
        in_overeenkomst=geblokkeerd(omgeving, gemeente, op),
    )


def release(omgeving: Omgeving, bereik: Bereik, wie: Wie, run: Run, noteer: Noteer) -> None:
    """Release a run, or propose that, by the policy of its municipality."""
    beleid = instellingen_van(omgeving).of(run.gemeente)
    dag = max(run.uitvoering, dag_van(omgeving.clock()))
    blocked = geblokkeerd(omgeving, run.gemeente, dag)
    omgeving.store.betaalruns.release(bereik, wie, run.nummer, beleid, blocked, noteer)


def file_of(omgeving: Omgeving, bereik: Bereik, run: Run, noteer: Noteer) -> tuple[str, bytes]:
    """The payment file of a run and its name, the same to the byte every time.

    Raises AlBeoordeeld where it cannot be made as it was.
    """
    beleid = instellingen_van(omgeving).of(run.gemeente)
    try:
        return omgeving.store.betaalruns.file(bereik, run.nummer, beleid, noteer)
    except CouldNotFinish as changed:
        raise AlBeoordeeld(str(changed)) from changed


def boekingen_van(omgeving: Omgeving, bereik: Bereik, run: Run) -> list[Boeking]:
    """The journal of a run; raises WrongUse for one that was not released."""
    schema = read_rekeningschema(omgeving.settings.grootboekbestand)
    betalingen = omgeving.store.betalingen.uitbetalingen(bereik, run.nummer)
    return list(journaal(schema, run.uitvoering, betalingen))
