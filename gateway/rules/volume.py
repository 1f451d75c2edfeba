"""Rules that hold volumes and amounts against the Omvang and the Budget of the assignment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from gateway.periods.bedragen import euros
from gateway.periods.datums import datum_lang
from gateway.periods.hoeveelheid import in_time, in_units
from gateway.periods.volume import (
    MINUTES_PER_HOUR,
    MINUUT,
    OUTPUT_EENHEDEN,
    UUR,
    limit_in_unit,
    period_limit,
    total_limit,
)
from gateway.records.batch import Declaratiebatch, Stand
from gateway.records.declaratie import Prestatie
from gateway.records.finding import Offence
from gateway.records.toewijzing import ToegewezenProduct
from gateway.rules.registry import Offences, rule

HUISHOUDELIJK = "01"
TIME = frozenset({MINUUT, UUR})
# All of an assignment that its limits follow from.
SHAPE = attrgetter("volume", "eenheid", "frequentie", "ingangsdatum", "einddatum", "budget")

Claims = Iterator[tuple[Prestatie, ToegewezenProduct, int]]
Limit = Callable[[ToegewezenProduct, ToegewezenProduct], int | None]


@dataclass(frozen=True, slots=True)
class Excess:
    """A line that takes more than its assignment has left, all in one and the same unit."""

    prestatie: Prestatie
    claimed: int
    taken: int
    limit: int

    @property
    def left(self) -> int:
        """What is left before this line; a limit that was lowered since may leave less than 0."""
        return max(0, self.limit - self.taken)


@rule("TR321", retourcode="9321")
def volume_above_period(batch: Declaratiebatch) -> Offences:
    """The GeleverdVolume fits what the Omvang allows in the ProductPeriode.

    The limit follows from unit and frequency, over the ProductPeriode as given: weeks of effort
    count when they are touched, weeks of output by their Sunday; household support (wmo category
    01) per week has six weeks in every period.  Hours declared in minutes are compared in minutes.
    Silent without an Omvang (A09) and where TR341 speaks.
    """
    limits: dict[tuple[object, ...], int | None] = {}
    for prestatie, toewijzing in batch.toegewezen:
        eenheid = toewijzing.eenheid
        # Many lines share an Omvang and a month; only output looks at the assignment's own period.
        key = (
            toewijzing.volume,
            eenheid,
            toewijzing.frequentie,
            toewijzing.productcategorie,
            prestatie.eenheid,
            prestatie.begindatum,
            prestatie.einddatum,
            toewijzing.toewijzingnummer if eenheid in OUTPUT_EENHEDEN else 0,
        )
        if key not in limits:
            limits[key] = _period_limit(batch, prestatie, toewijzing)
        limit = limits[key]
        if limit is not None and prestatie.geleverd_volume > limit:
            yield _above_period(prestatie, limit)


@rule("TR322", retourcode="9322")
def volume_above_total(batch: Declaratiebatch) -> Offences:
    """All GeleverdVolume on an assignment together fits what its Omvang allows in all.

    Counted is what is granted so far, net of credits, and then line by line in processing order;
    a line that does not fit, or that is refused for something else, does not count for the next.
    Hours and minutes are added up in minutes.  Of several versions that may be judged by the most
    generous one sets the limit; without an Einddatum there is none, unless the volume is a total
    by itself (A15).  A fixed trajectory price is such a total.  Silent without an Omvang (A09)
    and where TR341 speaks.
    """
    for excess in _excesses(batch, _volumes(batch), _total_volume, attrgetter("volume")):
        eenheid = excess.prestatie.eenheid
        claimed, left = _said(excess.claimed, eenheid), _said(excess.left, eenheid)
        limit = _said(excess.limit, eenheid)
        yield Offence(
            excess.prestatie,
            f"Voor {claimed} is op toewijzing {excess.prestatie.toewijzingnummer} geen ruimte "
            f"meer; declareer nog hoogstens {left} van de {limit} in totaal.",
            element="GeleverdVolume",
            found=f"{_said(excess.taken + excess.claimed, eenheid)} in totaal",
            expected=f"hoogstens {limit} in totaal",
        )


@rule("TR369", retourcode="9369")
def amount_above_budget(batch: Declaratiebatch) -> Offences:
    """All that is declared on an assignment together fits its Budget.

    Amounts are compared, because a Budget is money and a volume mostly is not (A07).  What counts,
    in which order, and which version sets the limit is as in TR322.  Silent without a Budget.
    """
    for excess in _excesses(batch, _amounts(batch), _budget, attrgetter("bedrag")):
        yield Offence(
            excess.prestatie,
            f"Voor {euros(excess.claimed)} is in het Budget van toewijzing "
            f"{excess.prestatie.toewijzingnummer} geen ruimte meer; declareer nog hoogstens "
            f"{euros(excess.left)} van de {euros(excess.limit)} in totaal.",
            element="IngediendBedrag/Bedrag",
            found=f"{euros(excess.taken + excess.claimed)} in totaal",
            expected=f"hoogstens {euros(excess.limit)} in totaal",
        )


def _period_limit(
    batch: Declaratiebatch, prestatie: Prestatie, toewijzing: ToegewezenProduct
) -> int | None:
    """The most that one line may have, in its own unit; None where TR321 has nothing to say."""
    omvang = toewijzing.omvang
    if omvang is None:
        return None
    limit = period_limit(
        omvang,
        prestatie.begindatum,
        prestatie.einddatum,
        toewijzing.ingangsdatum,
        toewijzing.einddatum,
        huishoudelijk_week=(
            batch.feiten.wet == "wmo" and toewijzing.productcategorie == HUISHOUDELIJK
        ),
    )
    return None if limit is None else limit_in_unit(limit, omvang.eenheid, prestatie.eenheid)


def _above_period(prestatie: Prestatie, limit: int) -> Offence:
    volume = in_units(prestatie.geleverd_volume, prestatie.eenheid)
    most = in_units(limit, prestatie.eenheid)
    return Offence(
        prestatie,
        f"{volume} is te veel op toewijzing {prestatie.toewijzingnummer}; van "
        f"{datum_lang(prestatie.begindatum)} tot en met {datum_lang(prestatie.einddatum)} mag u "
        f"hoogstens {most} declareren.",
        element="GeleverdVolume",
        found=volume,
        expected=f"hoogstens {most}",
    )


def _excesses(
    batch: Declaratiebatch, claims: Claims, limit_of: Limit, granted: Callable[[Stand], int]
) -> Iterator[Excess]:
    """Walk the claims in order, count those that fit, and yield those that do not."""
    limits: dict[object, int | None] = {}
    stand, versions = batch.stand, batch.versies
    taken: dict[int, int] = {}
    for prestatie, toewijzing, claimed in claims:
        nummer = prestatie.toewijzingnummer
        if nummer not in taken:
            taken[nummer] = granted(stand[nummer]) if nummer in stand else 0
        versies = versions.get(nummer) or (toewijzing,)
        # Many assignments have the same shape, and so the same limit.
        key = SHAPE(versies[0]) if len(versies) == 1 else nummer
        if key not in limits:
            limits[key] = _most_generous([limit_of(one, toewijzing) for one in versies])
        limit = limits[key]
        if limit is None:
            continue
        if taken[nummer] + claimed > limit:
            yield Excess(prestatie, claimed, taken[nummer], limit)
        elif prestatie.volgnr not in batch.geweigerd:
            taken[nummer] += claimed


def _most_generous(limits: list[int | None]) -> int | None:
    """The highest limit; none at all as soon as one version has none."""
    known = [limit for limit in limits if limit is not None]
    return max(known) if len(known) == len(limits) else None


def _volumes(batch: Declaratiebatch) -> Claims:
    """The lines in a unit that fits an Omvang, with their volume; time is in minutes."""
    for prestatie, toewijzing in batch.toegewezen:
        eenheid = prestatie.eenheid
        if eenheid == toewijzing.eenheid or (eenheid == MINUUT and toewijzing.eenheid == UUR):
            yield prestatie, toewijzing, _in_base(prestatie.geleverd_volume, eenheid)


def _amounts(batch: Declaratiebatch) -> Claims:
    """The lines on an assignment with a Budget, with their amount."""
    for prestatie, toewijzing in batch.toegewezen:
        if toewijzing.budget is not None:
            yield prestatie, toewijzing, prestatie.ondertekend


def _total_volume(versie: ToegewezenProduct, toewijzing: ToegewezenProduct) -> int | None:
    """The total that a version allows, in the unit in which lines on the assignment are added."""
    omvang = versie.omvang
    if omvang is None or not _adds_up(omvang.eenheid, toewijzing.eenheid):
        return None
    total = total_limit(omvang, versie.ingangsdatum, versie.einddatum)
    return None if total is None else _in_base(total, omvang.eenheid)


def _budget(versie: ToegewezenProduct, _: ToegewezenProduct) -> int | None:
    return versie.budget


def _adds_up(one: str, other: str | None) -> bool:
    return one == other or (one in TIME and other in TIME)


def _in_base(volume: int, eenheid: str) -> int:
    """A volume in the unit in which it is added up: minutes for time, else its own."""
    return volume * MINUTES_PER_HOUR if eenheid == UUR else volume


def _said(volume: int, eenheid: str) -> str:
    """A volume that was added up, in words."""
    return in_time(volume) if eenheid in TIME else in_units(volume, eenheid)
