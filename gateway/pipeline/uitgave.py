"""Whether the release of a message is in force on the day that counts for it."""

from __future__ import annotations

from datetime import date

from gateway.errors import NotInForce
from gateway.messages.definition import Berichttype, Berichttypen
from gateway.messages.reader import Peek


def refuse_not_in_force(kind: Berichttype, found: Peek, types: Berichttypen) -> None:
    """Raises NotInForce for a message of a release that is not in force on its business date.

    That is the Dagtekening of the Header; of an answer that of the message that it answers, so
    that an answer may still come when its release has ended.  A date that is none is for the XSD.
    """
    dag = found.peildatum
    if dag is None or kind.uitgave.geldt_op(dag):
        return
    uitgave = kind.uitgave
    raise NotInForce(
        f"uitgave {uitgave.titel} geldt niet op {dag}, de datum van dit bericht, maar "
        f"{uitgave.periode}; {_instead(types, uitgave.standaard, dag)}"
    )


def _instead(types: Berichttypen, standaard: str, dag: date) -> str:
    served = types.uitgaven_op(standaard, dag)
    if not served:
        return "op die dag geldt geen uitgave die deze installatie bedient"
    return f"gebruik {served[-1].titel}"
