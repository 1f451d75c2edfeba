"""What was wrong with a call or a file, as one Dutch sentence for who typed it."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping

import click

_REASONS = {
    errno.ENOENT: "bestaat niet",
    errno.EACCES: "geen toegang",
    errno.EPERM: "geen toegang",
    errno.EISDIR: "is een map",
    errno.ENOTDIR: "een deel van het pad is geen map",
    errno.EEXIST: "er staat al een bestand met die naam",
    errno.ELOOP: "verwijst naar zichzelf",
    errno.ENAMETOOLONG: "de naam is te lang",
    errno.ENOSPC: "de schijf is vol",
    errno.EROFS: "de schijf is alleen te lezen",
}


def reason_of(error: OSError) -> str:
    """Why a file or folder could not be used, in a few words."""
    return _REASONS.get(error.errno or 0, f"fout {error.errno} van het systeem")


def call_sentence(wrong: click.ClickException) -> str:
    """What was wrong with the arguments of a command; click's own words are English."""
    for kind, sentence in _CALLS.items():
        if type(wrong).__name__ == kind:
            return f"{sentence(wrong)}; zie {_command_of(wrong)} --help"
    return f"de opdracht is niet goed geschreven; zie {_command_of(wrong)} --help"


def _command_of(wrong: click.ClickException) -> str:
    context = getattr(wrong, "ctx", None)
    return context.command_path if isinstance(context, click.Context) else "gateway"


def _parameter_of(wrong: click.ClickException) -> str:
    parameter = getattr(wrong, "param", None)
    if isinstance(parameter, click.Option):
        return parameter.opts[-1]
    return parameter.human_readable_name if isinstance(parameter, click.Parameter) else "een waarde"


# By name, because not every click that we allow has all of them.
_CALLS: Mapping[str, Callable[[click.ClickException], str]] = {
    "NoArgsIsHelpError": lambda wrong: "noem een opdracht",
    "NoSuchCommand": lambda wrong: "deze opdracht bestaat niet",
    "NoSuchOption": lambda wrong: f"de optie {getattr(wrong, 'option_name', '')} bestaat niet",
    "BadOptionUsage": lambda wrong: f"{getattr(wrong, 'option_name', '')} is niet goed gebruikt",
    "MissingParameter": lambda wrong: f"{_parameter_of(wrong)} ontbreekt",
    "BadParameter": lambda wrong: f"{_parameter_of(wrong)} heeft een waarde die niet kan",
}
