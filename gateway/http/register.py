"""The register of providers as files, for who asks over HTTP: by a page or by the API."""

from __future__ import annotations

from gateway.http.omgeving import Omgeving
from gateway.ledger.register.bestand import Bestandsoort, Plan, as_bestand, plan_of, read_rijen
from gateway.pipeline.kennis import dag_van

# Who has a larger file has the command.
LARGEST_FILE = 4 * 1024 * 1024


def file_of(omgeving: Omgeving, soort: Bestandsoort) -> tuple[str, bytes]:
    """A part of the register as a file, and its name."""
    dag = dag_van(omgeving.clock())
    body = as_bestand(soort, omgeving.store.register.register())
    return f"aanbiedersregister-{soort.naam}-{dag.isoformat()}.csv", body


def plan_in(omgeving: Omgeving, soort: Bestandsoort, body: bytes) -> Plan:
    """What a file would change now; raises WrongUse for what is no such file."""
    rijen, dag = read_rijen(soort, body), dag_van(omgeving.clock())
    return plan_of(soort, omgeving.store.register.register(), rijen, dag)
