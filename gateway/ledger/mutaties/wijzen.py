"""The ways in which many assignments can be changed at once, as they are asked for and kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

# RedenWijziging of municipalities that merge.
HERINDELING = "11"

Gemeentecode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]
Agb = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{8}$")]
Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z]{1,5}$")]


class _Wijze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A way to change assignments; days are inclusive, amounts eurocents."""


class Indexatie(_Wijze, frozen=True, kw_only=True, tag="indexatie", tag_field="soort"):
    """Raise what is assigned in euros, from a day on, by hundredths of a percent.

    A Budget, and an amount for the whole duration, go up for the days from then on.
    """

    vanaf: date
    basispunten: Annotated[int, msgspec.Meta(ge=-5_000, le=5_000)]
    afronding: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    reden: Literal["03", "10", "14"] = "03"


class Contractwijziging(
    _Wijze, frozen=True, kw_only=True, tag="contractwijziging", tag_field="soort"
):
    """End assignments and go on under a new number: another product, Omvang or aanbieder.

    The new volume is the old one times `teller` through `noemer`.  `verlaag` takes from what ends
    what goes on, for a volume or budget that is for the whole duration (OP298, OP299).
    """

    vanaf: date
    reden: Literal["03", "10"] = "03"
    productcategorie: Code | None = None
    productcode: Code | None = None
    eenheid: Literal["01", "04", "14", "16", "82", "83", "84"] | None = None
    frequentie: Literal["1", "2", "4", "6"] | None = None
    teller: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    noemer: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    aanbieder: Agb | None = None
    verlaag: bool = False


class Verlenging(_Wijze, frozen=True, kw_only=True, tag="verlenging", tag_field="soort"):
    """Let assignments go on until a day, under their own number (OP380).

    `naar_rato` raises a volume or budget for the whole duration by the days that are added.
    """

    tot: date
    naar_rato: bool = False
    reden: Literal["03", "04", "10", "11", "14"] = "04"


class Herindeling(_Wijze, frozen=True, kw_only=True, tag="herindeling", tag_field="soort"):
    """End assignments of a municipality that goes on in another one, which assigns them anew.

    `verlaag` is as with a Contractwijziging.
    """

    vanaf: date
    naar: Gemeentecode
    verlaag: bool = False

    @property
    def reden(self) -> str:
        """The RedenWijziging."""
        return HERINDELING


Wijze = Indexatie | Contractwijziging | Verlenging | Herindeling
_DECODER: msgspec.json.Decoder[Wijze] = msgspec.json.Decoder(Wijze)


def read_wijze(text: str | bytes) -> Wijze:
    """A way as it was kept; raises msgspec.ValidationError for any other text."""
    return _DECODER.decode(text)


def soort_of(wijze: Wijze) -> str:
    """How people call it."""
    return str(wijze.__struct_config__.tag)
