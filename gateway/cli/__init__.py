"""The command line: every command in a module of its own, loaded only when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from typing import NoReturn

import click

from gateway import __version__
from gateway.cli.scherm import visible
from gateway.cli.sentences import call_sentence
from gateway.errors import GatewayError, WrongUse
from gateway.records.masker import mask

DONE, WITH_FINDINGS, WRONG_USE, COULD_NOT_FINISH = 0, 1, 2, 3

# Command -> (module below gateway.cli, what it does in one line).
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "Toont het hele werk op een verzonnen regio."),
    "process": ("process", "Handelt bestanden en mappen af en stopt."),
    "check": ("check", "Controleert berichten vóór verzending, zonder opslag."),
    "run": ("service", "Draait alles in één proces: inname, verwerking en verzending."),
    "web": ("web", "Toont de pagina's en de API, op een opslag waarop anderen werken."),
    "worker": ("worker", "Handelt berichten af op een gedeelde opslag, in een of meer processen."),
    "relay": ("relay", "Neemt in en verzendt voor workers op een gedeelde opslag."),
    "rules": ("rules", "Toont de regels van de standaard."),
    "translation": ("translation", "Toont waar elk element van een bericht blijft."),
    "explain": ("explain", "Toont hoe een declaratieregel is beoordeeld."),
    "agreements": (
        "agreements",
        "Controleert, toont, vernieuwt en beproeft overeenkomsten.",
    ),
    "ledger": ("ledger", "Rekent na of alles optelt, volgt een regel, kijkt vooruit en betaalt."),
    "correct": ("correct", "Maakt van fouten en nieuwe prijzen een 323 die ze corrigeert."),
    "radar": ("radar", "Toont wat opraakt, wat afloopt en wat wordt verrekend."),
    "steering": ("steering", "Telt hoe de zorg in een regio loopt, zonder cliënten te tonen."),
    "causes": ("causes", "Toont wat er achter open bevindingen zit, en beoordeelt opnieuw."),
    "simulate": ("simulate", "Maakt een verzonnen regio met bekende fouten, of scoort haar."),
    "redrive": ("redrive", "Zet terug wat stilstaat, nadat de oorzaak weg is."),
    "envelope": ("envelope", "Pakt enveloppen van het berichtenverkeer uit en in, als bestand."),
    "keys": ("keys", "Maakt, toont en beëindigt de sleutels van programma's voor de API."),
    "vault": ("vault", "Maakt, toont en wisselt de sleutels van de bytes van berichten."),
    "fingerprints": ("fingerprints", "Geeft de kenmerken van BSN's een nieuwe sleutel."),
    "webhooks": ("webhooks", "Meldt gebeurtenissen aan programma's op een eigen adres."),
    "archive": ("archive", "Brengt oude berichten van de opslag naar een archief per maand."),
    "retention": ("retention", "Wist wat zijn bewaartermijn heeft gehad, en wie daarom vraagt."),
    "export": ("export", "Schrijft gegevens voor een datawarehouse, en rekent ze na."),
    "assignments": (
        "geld.toewijzingen",
        "Wijzigt veel toewijzingen tegelijk, en legt instemmingen vast.",
    ),
    "providers": ("geld.aanbieders", "Toont en wijzigt het register van aanbieders."),
    "proposals": ("geld.voorstellen", "Toont wat op een tweede persoon wacht, en beslist erover."),
    "corrections": ("geld.corrections", "Vraagt om credits, en verrekent tussen gemeenten."),
    "invoices": ("geld.invoices", "Legt facturen buiten het berichtenverkeer vast."),
    "status": ("status", "Telt wat binnenkwam en wat er van werd."),
    "users": ("users", "Laat de eerste beheerder binnen, toont gebruikers en sluit iemand uit."),
    "audit": ("audit", "Controleert en toont het logboek: wie zag of wijzigde wat."),
    "config": ("config", "Zegt welke instellingen zwak zijn, of nog die van ons."),
    "backup": ("backup", "Maakt een back-up van de opslag, terwijl het werk doorgaat."),
    "restore": ("restore", "Maakt van een back-up een nieuwe opslag, en rekent haar na."),
    "migrate": ("migrate", "Maakt de opslag of werkt die bij."),
}


class _Commands(click.Group):
    """A group that imports a command when it is used, so that starting stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"gateway.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for `--help`, without importing the commands."""
        with formatter.section("Opdrachten"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Commands, help="Gateway tussen het berichtenverkeer iWmo/iJw en een backoffice.")
@click.version_option(__version__, prog_name="gateway")
def group() -> None:
    """Everything that `gateway` can do."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and end with its exit code; an error is one sentence, never a traceback."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code."""
    try:
        result = group.main(arguments, prog_name="gateway", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return _told("afgebroken", COULD_NOT_FINISH)
    except click.ClickException as wrong:
        return _told(call_sentence(wrong), WRONG_USE)
    except WrongUse as wrong:
        return _told(str(wrong), WRONG_USE)
    except GatewayError as error:
        return _told(str(error), COULD_NOT_FINISH)
    except BrokenPipeError:
        # Whoever read our output has seen enough; without this Python complains at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if os.environ.get("GATEWAY_DEBUG"):
            raise
        return _told(f"onverwachte fout ({type(error).__name__}): {error}", COULD_NOT_FINISH)


def _told(sentence: str, code: int) -> int:
    line = visible(" ".join(mask(sentence).split()))
    print(f"gateway: {line}", file=sys.stderr)
    return code
