"""The rule that a Client, and the assignment of a line, belong together at this aanbieder."""

from gateway.records.batch import Antwoordbatch, Declaratiebatch, Wijzigingbatch
from gateway.records.finding import Offence, Subject
from gateway.rules.registry import Offences, rule


@rule("TR304", retourcode="8187")
def client_unknown(batch: Declaratiebatch | Antwoordbatch | Wijzigingbatch) -> Offences:
    """The Bsn is that of a client for whom the aanbieder has an assignment.

    Any assignment will do, a deleted one too: then TR384 speaks.  Without one the Client offends
    and its lines are not judged.  A debet line on an assignment of another client offends by
    itself.  In a 325 the Bsn is that of a client with lines in the 323 that it answers; without
    such a 323 TR337 speaks.  In a 317 nothing below the Client is judged then.
    """
    if isinstance(batch, Antwoordbatch):
        yield from _clients_not_in_declaratie(batch)
    elif isinstance(batch, Wijzigingbatch):
        if not batch.toewijzingen:
            yield _without_assignment(batch.client)
    else:
        yield from _clients_without_assignment(batch)
        yield from _assignments_of_others(batch)


def _clients_without_assignment(batch: Declaratiebatch) -> Offences:
    for client in batch.clienten:
        if client.bsn not in batch.bekende_clienten:
            yield _without_assignment(client)


def _without_assignment(client: Subject) -> Offence:
    return Offence(
        client,
        "Voor deze cliënt hebt u van deze gemeente geen toewijzing; controleer het Bsn en de "
        "gemeente.",
        element="Bsn",
        found="een Bsn zonder toewijzing",
        expected="het Bsn van een cliënt met een toewijzing",
    )


def _assignments_of_others(batch: Declaratiebatch) -> Offences:
    toewijzingen = batch.toewijzingen
    for prestatie in batch.debetregels:
        toewijzing = toewijzingen.get(prestatie.toewijzingnummer)
        if toewijzing is not None and toewijzing.bsn != prestatie.bsn:
            nummer = prestatie.toewijzingnummer
            yield Offence(
                prestatie,
                f"Toewijzing {nummer} is van een andere cliënt; gebruik het ToewijzingNummer van "
                "deze cliënt.",
                element="ToewijzingNummer",
                found=str(nummer),
                expected="een toewijzing van deze cliënt",
            )


def _clients_not_in_declaratie(batch: Antwoordbatch) -> Offences:
    if batch.heen_header is None:
        return
    bekend = {bsn for _, _, bsn in batch.heen_prestaties}
    for client in batch.clienten:
        if client.bsn not in bekend:
            yield Offence(
                client,
                "Deze cliënt heeft in de declaratie geen van de prestaties die in het antwoord "
                "staan; controleer het Bsn.",
                element="Bsn",
                found="een Bsn dat niet in de declaratie staat",
                expected="het Bsn van een cliënt uit de declaratie",
            )
