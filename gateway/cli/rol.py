"""The option that says on which side of the messages a command works."""

from __future__ import annotations

import click
import msgspec

from gateway.config import Rol, Settings

ROL = click.option(
    "--rol",
    type=click.Choice(["gemeente", "aanbieder"]),
    help="Voor wie berichten worden behandeld; zonder deze geldt GATEWAY_ROL.",
)


def in_rol(settings: Settings, rol: Rol | None) -> Settings:
    """The settings with the role that was asked for, if any was."""
    return settings if rol is None else msgspec.structs.replace(settings, rol=rol)
