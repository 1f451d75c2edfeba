"""Reads settings and data files into what a gateway knows: rules, lists, agreements and policy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from gateway.agreements.match import Overeenkomsten, index
from gateway.agreements.table import agreement_contents, agreement_files, read_agreements
from gateway.config import Rol, Settings, data_folder
from gateway.deviations.policy import VOORBEELD, Beleid, policy_files, read_beleid
from gateway.deviations.registry import load_checks
from gateway.errors import WrongUse
from gateway.ledger.regio.basis import Basis, Wijken
from gateway.ledger.regio.bestanden import basis_of, wijken_of
from gateway.messages.codelijsten import Codelijsten, read_codelijsten
from gateway.messages.codes_op import CodesOp
from gateway.messages.definition import Berichttype, Berichttypen, read_types
from gateway.messages.layout import Layout, check_maps, read_layout
from gateway.messages.reader import Reader, Schemas, schema_folder
from gateway.messages.schema_sommen import check_schemas
from gateway.messages.teksten import Teksten, read_teksten
from gateway.messages.uitgaven import Uitgave, read_uitgaven
from gateway.periods.termijnen import read_termijnen
from gateway.pipeline.grondslag import (
    BELEID,
    OVEREENKOMSTEN,
    REGISTER,
    Bestand,
    Bronnen,
    Grondslag,
    grondslag_of,
    kept_grondslag,
)
from gateway.pipeline.kennis import Kennis
from gateway.pipeline.kennisstand import Kennisstand
from gateway.pipeline.klok import Klok
from gateway.records.onderaanneming import Samenwerking, Samenwerkingen
from gateway.records.onderaanneming import index as index_samenwerkingen
from gateway.rules.catalogus import read_catalogus
from gateway.rules.regelset import Regelset, check_stages, regelset_of
from gateway.rules.registry import load_rules

if TYPE_CHECKING:
    from gateway.store.beleid import Beleidsversies
    from gateway.store.register.kennis import Registerkennis

NO_VERSIONS: Mapping[str, bytes] = {}
NO_REGISTER: Sequence[Bestand] = ()
NO_AGREEMENTS = index(())
# Where it is decided what becomes of a line.
DECIDING_CODE = ("agreements", "deviations", "periods", "pipeline", "records", "rules")
WETTEN = ("jeugdwet", "wmo")
# The code lists of why care ends, per law, and of who referred.
REDENEN: Mapping[str, str] = {"jeugdwet": "JZ588", "wmo": "WMO588"}
VERWIJZERS = "COD327"
PAGES = "pagina"  # writes agreements out for people, and decides nothing


def load_lists() -> Codelijsten:
    """The code lists that the installation came with."""
    return read_codelijsten(data_folder("mappings") / "codelijsten")


def load_texts() -> Teksten:
    """The Dutch texts per code."""
    return read_teksten(data_folder("mappings") / "teksten")


def load_sentences() -> dict[str, str]:
    """What every rule of the standard asks, as one Dutch sentence per code."""
    feiten = read_catalogus(data_folder("mappings")).feiten
    return {code: one.statement for code, one in feiten.items()}


def load_codes(settings: Settings) -> dict[str, str]:
    """The Berichtcode of every message type by its name."""
    return {one.naam: one.code for one in load_types(settings).all()}


def load_types(settings: Settings) -> Berichttypen:
    """Every message type of every release of the installation.

    Their XSDs have to be the right ones.  What is in the operator's own folder is held against
    them; ours is by our tests.
    """
    types = read_types(*settings.uitgavemappen)
    # Answers are built by our own schemas, even where others validate.
    for folders in dict.fromkeys((settings.schemamappen, own_schemas(settings))):
        check_schemas(types.all(), folders)
    for kind in types.all() if settings.releases is not None else ():
        folder = schema_folder(settings.schemamappen, kind)
        if folder == settings.releases:
            check_maps(read_layout(folder, kind))
    return types


def load_reader(settings: Settings, types: Berichttypen) -> Reader:
    """The reader of messages, for who judges nothing."""
    return Reader(types, Schemas(*settings.schemamappen))


def load_regelsets(types: Berichttypen, niveaus: Mapping[str, int]) -> dict[Uitgave, Regelset]:
    """The rules of every release; raises WrongUse where a message names one that it cannot use."""
    rules = load_rules()
    found = {one: regelset_of(one, rules, niveaus) for one in types.uitgaven}
    for kind in types.all():
        check_stages(kind, found[kind.uitgave])
    return found


def _in_shadow(types: Berichttypen, namen: Sequence[str]) -> tuple[Uitgave, ...]:
    """The releases that judge beside until they are in force."""
    known = {one.naam: one for one in types.uitgaven}
    for naam in namen:
        if naam not in known:
            raise WrongUse(f"GATEWAY_SCHADUW noemt {naam}, en die uitgave is er niet")
        if known[naam].vanaf is None:
            raise WrongUse(f"GATEWAY_SCHADUW noemt {naam}, maar die uitgave heeft geen vanaf")
    return tuple(known[naam] for naam in namen)


def load_agreements(path: Path | None, lists: Codelijsten) -> Overeenkomsten:
    """The agreements of a file or folder, none without a path; raises AgreementRefused."""
    if path is None:
        return NO_AGREEMENTS
    return read_agreements(path, lists.gemeentecodes())


def load_kennis(settings: Settings, agreements: Path | None = None) -> Kennis:
    """Read and check everything that judging needs; a mistake in a data file stops here.

    `agreements` goes before the one of the settings.
    """
    mappings = data_folder("mappings")
    lists = load_lists()
    chosen = agreements or settings.agreements
    overeenkomsten = load_agreements(chosen, lists)
    types = load_types(settings)
    niveaus = read_catalogus(mappings).niveaus
    regelsets = load_regelsets(types, niveaus)
    is_gemeente = settings.rol == "gemeente"
    served = frozenset(settings.gemeenten) or overeenkomsten.gemeenten
    return Kennis(
        types=types,
        reader=Reader(types, Schemas(*settings.schemamappen), CodesOp(lists)),
        rules=load_rules(),
        checks=load_checks(),
        niveaus=niveaus,
        regelsets=regelsets,
        overeenkomsten=overeenkomsten,
        gemeentecodes=lists.gemeentecodes(),
        gemeenten_vanaf=lists.gemeenten_vanaf(),
        plaatsingen={wet: lists.plaatsingen(wet) for wet in WETTEN},
        schaduw=_in_shadow(types, settings.schaduw),
        productcategorieen=_categories(lists, overeenkomsten),
        layout_of=layouts_of(settings),
        termijnen=read_termijnen(mappings),
        rol=settings.rol,
        gemeenten=served if is_gemeente else frozenset(),
        aanbieders=frozenset() if is_gemeente else frozenset(settings.aanbieders),
        beleid=load_beleid(settings.beleidsmap, lists),
        bytecap=settings.bytecap,
        xsd_versie=settings.xsd_versie,
        vrije_dagen=frozenset(settings.vrije_dagen),
        grondslag=read_grondslag(chosen, settings.beleidsmap),
        bronnen=Bronnen(chosen, settings.beleidsmap),
        regelset=partial(rule_set_hash, settings.uitgavemappen, settings.schemamappen),
    )


def layouts_of(settings: Settings) -> Callable[[Berichttype], Layout]:
    """Gives how the messages of a type are built: by our own schemas, even if others validate.

    A release of the operator's own is built by the schemas beside it.
    """
    folders = own_schemas(settings)
    return cache(lambda kind: read_layout(schema_folder(folders, kind), kind))


def own_schemas(settings: Settings) -> tuple[Path, ...]:
    """The folders of the schemas by which messages are built."""
    own = data_folder("schemas")
    return (own,) if settings.releases is None else (own, settings.releases)


def load_regio(settings: Settings, lists: Codelijsten, wijken: Path | None = None) -> Basis:
    """What figures of a region rest on; raises WrongUse for a file that cannot be read.

    `wijken` goes before the one of the settings.
    """
    file = data_folder("mappings") / "regio.toml"
    basis = basis_of(tomllib.loads(file.read_text(encoding="utf-8")))
    chosen = wijken or settings.wijken
    return replace(
        basis,
        redenen={wet: _labels(lists, lijst) for wet, lijst in REDENEN.items()},
        verwijzers=_labels(lists, VERWIJZERS),
        wijken=_wijken(chosen, lists.gemeentenamen()),
    )


def _labels(lists: Codelijsten, lijst: str) -> dict[str, str]:
    return {code: one.label for code, one in lists.lijsten[lijst].codes.items()}


def _wijken(path: Path | None, namen: Mapping[str, str]) -> Wijken:
    if path is None:
        return Wijken(namen)
    try:
        return wijken_of(path.read_text(encoding="utf-8-sig"), path.name, namen)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path.name}: dit bestand met wijken is niet te lezen") from error


def load_klok(settings: Settings, rol: Rol, versies: Mapping[str, bytes] = NO_VERSIONS) -> Klok:
    """The terms of the standard for one side, with the policy and days off of this installation.

    `versies` are policies by municipality that go in the place of their file.
    """
    files = read_grondslag(None, settings.beleidsmap, versies)
    _, beleid = _read_kept(files, load_lists())
    standaard = Beleid()
    return Klok(
        types=load_types(settings),
        termijnen=read_termijnen(data_folder("mappings")),
        beleid_of=lambda gemeente: beleid.get(gemeente, standaard),
        vrije_dagen=frozenset(settings.vrije_dagen),
        rol=rol,
        terugkijken=settings.terugkijkdagen,
    )


@cache
def rule_set_hash(uitgavemappen: tuple[Path, ...], schemamappen: tuple[Path, ...]) -> str:
    """The hash of everything that decides on a line beside agreements and policy.

    That is code, code lists, and every release with its XSDs.
    """
    package, mappings = Path(__file__).parent, data_folder("mappings")
    files = {f"gateway/{p.relative_to(package).as_posix()}": p for p in _deciding_code(package)}
    files |= {f"mappings/{p.relative_to(mappings).as_posix()}": p for p in _deciding_data(mappings)}
    for uitgave, folder in read_uitgaven(*uitgavemappen):
        files |= {f"{uitgave.naam}/{path.name}": path for path in folder.glob("*.toml")}
        for schemas in schemamappen:
            found = (schemas / uitgave.naam).glob("*.xsd")
            files |= {f"{uitgave.naam}/{path.name}": path for path in found}
    return kept_grondslag((name, files[name].read_bytes()) for name in sorted(files)).hash


def _deciding_code(package: Path) -> list[Path]:
    found = (path for name in DECIDING_CODE for path in (package / name).rglob("*.py"))
    return [path for path in found if path.parent.name != PAGES]


def _deciding_data(mappings: Path) -> list[Path]:
    return [mappings / "regels.toml", *(mappings / "codelijsten").rglob("*.toml")]


def load_beleid(folder: Path, lists: Codelijsten) -> dict[str, Beleid]:
    """The policy per municipality in a folder."""
    return read_beleid(folder, load_texts().checks, lists.gemeentecodes())


def read_grondslag(
    agreements: Path | None,
    beleid: Path,
    versies: Mapping[str, bytes] = NO_VERSIONS,
    register: Sequence[Bestand] = NO_REGISTER,
) -> Grondslag:
    """The files that agreements and policy are read from; examples of policy bind nobody.

    `versies` are policies by municipality that go in the place of their file, `register` is what
    the store knows of providers.
    """
    policies = {
        path.stem: path.read_bytes()
        for path in policy_files(beleid)
        if not path.stem.startswith(VOORBEELD)
    }
    return grondslag_of(
        [] if agreements is None else agreement_contents(agreements),
        [(f"{gemeente}.toml", text) for gemeente, text in {**policies, **versies}.items()],
        register,
    )


def with_grondslag(kennis: Kennis, grondslag: Grondslag) -> Kennis:
    """The same knowledge but for agreements, policy and register, which are read from kept files.

    They go through the loaders that every start goes through; raises WrongUse when those refuse
    them.
    """
    lists = load_lists()
    overeenkomsten, beleid = _read_kept(grondslag, lists)
    return replace(
        kennis,
        overeenkomsten=overeenkomsten,
        productcategorieen=_categories(lists, overeenkomsten),
        beleid=beleid,
        samenwerkingen=_read_register(grondslag),
        grondslag=grondslag,
    )


def _read_kept(
    grondslag: Grondslag, lists: Codelijsten
) -> tuple[Overeenkomsten, dict[str, Beleid]]:
    """The agreements and the policy in kept files."""
    with TemporaryDirectory(prefix="gateway-") as name:
        folder = Path(name)
        for map_ in (OVEREENKOMSTEN, BELEID):
            (folder / map_).mkdir()
            for naam, inhoud in grondslag.of(map_):
                (folder / map_ / naam).write_bytes(inhoud)
        kept = folder / OVEREENKOMSTEN if grondslag.of(OVEREENKOMSTEN) else None
        return load_agreements(kept, lists), load_beleid(folder / BELEID, lists)


def _read_register(grondslag: Grondslag) -> Samenwerkingen:
    """Which provider works for which, in kept files."""
    found = (_SAMENWERKINGEN.decode(inhoud) for _, inhoud in grondslag.of(REGISTER))
    return index_samenwerkingen(one for some in found for one in some)


_SAMENWERKINGEN = msgspec.json.Decoder(list[Samenwerking])


class Bestanden:
    """Agreements and policy in their files, with the policy versions and register of a store."""

    def __init__(self, bronnen: Bronnen, versies: Beleidsversies, register: Registerkennis) -> None:
        self._bronnen = bronnen
        self._versies = versies
        self._register = register

    def merk(self) -> Hashable:
        """See `Herkomst`: when and how large each file is, and what stands in the store."""
        overeenkomsten = self._bronnen.overeenkomsten
        files = [] if overeenkomsten is None else list(agreement_files(overeenkomsten))
        stats = [(path, path.stat()) for path in (*files, *policy_files(self._bronnen.beleid))]
        return (
            tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in stats),
            tuple(sorted(self._versies.van_kracht().items())),
            tuple(self._register.bestanden()),
        )

    def lees(self, kennis: Kennis) -> Kennis:
        """See `Herkomst`; who serves the municipalities of its agreements goes on doing so."""
        bronnen = self._bronnen
        grondslag = read_grondslag(
            bronnen.overeenkomsten,
            bronnen.beleid,
            self._versies.van_kracht(),
            self._register.bestanden(),
        )
        if grondslag.hash == kennis.grondslag.hash:
            return kennis
        made = with_grondslag(kennis, grondslag)
        if kennis.is_gemeente and kennis.gemeenten == kennis.overeenkomsten.gemeenten:
            return replace(made, gemeenten=made.overeenkomsten.gemeenten)
        return made


def kennisstand_of(
    kennis: Kennis, versies: Beleidsversies, register: Registerkennis
) -> Kennisstand:
    """The knowledge with what a store has over its files, kept up from here on.

    Raises WrongUse where a version is refused: a start never takes another policy instead.
    """
    if kennis.bronnen is None:
        return Kennisstand(kennis)
    herkomst = Bestanden(kennis.bronnen, versies, register)
    has_own = versies.van_kracht() or register.bestanden()
    return Kennisstand(herkomst.lees(kennis) if has_own else kennis, herkomst)


def _categories(
    lists: Codelijsten, overeenkomsten: Overeenkomsten
) -> dict[str, dict[str, frozenset[str]]]:
    """Per law the categories per product code, over the published lists and the agreements."""
    return {
        wet: _merged(lists.product_categories(wet), overeenkomsten.categories(wet))
        for wet in WETTEN
    }


def _merged(
    published: Mapping[str, frozenset[str]], agreed: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """The categories per product code, over the published list and the agreements."""
    codes = published.keys() | agreed.keys()
    nothing: frozenset[str] = frozenset()
    return {code: published.get(code, nothing) | agreed.get(code, nothing) for code in codes}
