"""The clock on a Dutch wall as a number, for messages of StUF, whose moments have no zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.periods.datums import AMSTERDAM

_BEGIN = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall has no zone
_MILLISECOND = timedelta(milliseconds=1)


def wandklok(moment: datetime) -> int:
    """How many milliseconds the clock is past the begin of 1970 at a moment with a known zone.

    In the night in which an hour comes twice it goes back.
    """
    local = moment.astimezone(AMSTERDAM).replace(tzinfo=None)
    return (local - _BEGIN) // _MILLISECOND


def tijdstip_bericht(stand: int) -> str:
    """A number of `wandklok` as tijdstipBericht: yyyymmddhhmmss and milliseconds, 17 digits."""
    local = _BEGIN + stand * _MILLISECOND
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"
