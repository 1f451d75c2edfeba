"""Deviations that only the pipeline sees happen, and raises by calling these functions."""

from __future__ import annotations

from gateway.deviations.registry import Deviation, check, finding_of
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Evidence, Finding, Offence, Subject
from gateway.records.toewijzing import ToegewezenProduct


@check("S104", soort="formeel", naam="toewijzing of wijziging niet bekend bij afzender")
def unknown_assignment(prestatie: Prestatie, toewijzing: ToegewezenProduct) -> Finding:
    """A line would be rejected on an assignment version that its sender could not know.

    `toewijzing` is that version: sent after the Dagtekening of the 323.  A message may not be
    rejected on what its sender had no access to (OP095), so the line is judged on the version
    before, and granted.  Formal control.
    """
    nummer = toewijzing.toewijzingnummer
    offence = Offence(
        prestatie,
        f"Deze regel past niet bij de toewijzing {nummer} die op {toewijzing.bekend_op} is "
        "verstuurd; die kende de aanbieder nog niet, dus de regel is toegekend.",
        element="ToewijzingNummer",
        found=f"toewijzing {nummer}, verstuurd op {toewijzing.bekend_op}",
        expected="een toewijzing van op of voor de Dagtekening",
    )
    return finding_of("S104", Deviation(offence, Evidence(ingediend=prestatie.ingediend_bedrag)))


@check("S190", soort="formeel", naam="byte order mark voor het bericht")
def byte_order_mark(header: Subject) -> Finding:
    """A message begins with a byte order mark, which UTF-8 has no use for.

    It is tolerated, because it changes nothing in the message; whoever made it should know.  It
    stands at the Header, as what concerns the whole message does.  Formal control.
    """
    offence = Offence(
        header,
        "Het bericht begint met een byte order mark; het is zonder die tekens gelezen.",
        found="een byte order mark",
        expected="een bericht in UTF-8 zonder byte order mark",
    )
    return finding_of("S190", Deviation(offence))
