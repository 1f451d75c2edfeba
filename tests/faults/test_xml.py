"""XML that does harm: entities, other documents, shapes; and schemas that are not right."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.faults.attacks import (
    BLOWN_UP,
    DOCTYPES,
    SECRET,
    Listener,
    everything,
    large_shapes,
    listener,
    with_doctype,
)
from tests.faults.conftest import Install
from tests.faults.harness import EMBEDDED, PRODUCTION, SHARED
from tests.faults.length import modes
from tests.faults.load import Message, family
from tests.faults.measured import Measured, measured
from tests.integration.berichten import (
    PROJECT,
    command,
    familie,
    local,
    made,
    process,
    run,
    sentence,
    write,
)
from tests.integration.refusals import refused, unread

NS = "http://www.istandaarden.nl/ijw/3_2/jw305/schema"
MOST_MEMORY, MOST_WORK = 200, 1.0
LONGEST_SENTENCE = 500


@pytest.fixture
def counting() -> Iterator[Listener]:
    with listener() as found:
        yield found


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """What `gateway check` uses for a message as it should be."""
    (path,) = write(tmp_path_factory.mktemp("gewoon"), a=made("JW305"))
    return measured("check", str(path))


# --- DOCTYPE ----------------------------------------------------------------------------------


def test_53_wie_belt_wordt_geteld(counting: Listener) -> None:
    with urllib.request.urlopen(f"{counting.url}/x.dtd") as answer:
        assert SECRET == answer.read().decode()
    assert 1 == counting.hits


@pytest.mark.parametrize("naam", DOCTYPES)
@pytest.mark.parametrize("used", [False, True], ids=["niet_gebruikt", "gebruikt"])
def test_53_54_elke_doctype_wordt_geweigerd_zonder_netwerk(
    naam: str, used: bool, counting: Listener, tmp_path: Path
) -> None:
    geheim = tmp_path / "geheim.txt"
    geheim.write_text(SECRET, encoding="utf-8")
    told = unread(tmp_path, with_doctype(naam, counting.url, str(geheim), used=used))
    assert "DOCTYPE" in told
    written = (tmp_path / "out").rglob("*.jsonl")
    assert [] == [path for path in written if SECRET in path.read_text(encoding="utf-8")]
    assert 0 == counting.hits


@pytest.mark.parametrize("naam", BLOWN_UP)
def test_54_wat_zichzelf_opblaast_kost_niets(naam: str, tmp_path: Path, ordinary: Measured) -> None:
    (path,) = write(tmp_path, a=with_doctype(naam, "", "", used=True))
    found = measured("check", str(path))
    assert 1 == found.code
    assert found.peak < MOST_MEMORY
    assert found.work - ordinary.work < MOST_WORK


def test_55_naar_buiten_verwijzen_wordt_niet_gevolgd(counting: Listener, tmp_path: Path) -> None:
    content = made("JW305").decode()
    place = (
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NS} {counting.url}/JW305.xsd" '
        f'xsi:noNamespaceSchemaLocation="{counting.url}/leeg.xsd"'
    )
    style = f'<?xml-stylesheet href="{counting.url}/x.xsl" type="text/xsl"?>'
    content = style + content.replace("<jw305:Bericht", f"<jw305:Bericht{place}", 1)
    include = (
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{counting.url}/i.xml"/>'
    )
    paths = write(tmp_path / "in", a=made("JW301"), b=content.encode())
    done = process(tmp_path / "out", *paths)
    assert ["accepted", "accepted"] == done.verdicts
    refused(tmp_path / "include", content.replace("Noor Elin", include).encode())
    assert 0 == counting.hits


# --- What stands inside a value ---------------------------------------------------------------


@pytest.mark.parametrize(
    "between", ["<!-- -->", "<?pi?>", "<!----><!-- 9 -->", "<![CDATA[]]>"], ids=list("abcd")
)
def test_56_een_getal_wordt_niet_afgebroken_door_wat_erin_staat(
    between: str, tmp_path: Path
) -> None:
    paths = write(
        tmp_path / "in",
        a=made("JW301", (">100001<", ">123456<")),
        b=made("JW323", (">100001<", f">123{between}456<"), (">60000<", f">600{between}00<")),
    )
    done = process(tmp_path / "out", *paths)
    assert ["accepted", "accepted"] == done.verdicts, done.outcomes
    regel = done.records[3]
    assert (123456, 60000) == (regel["toewijzingnummer"], regel["bedrag"])


@pytest.mark.parametrize("between", ["<!-- -->", "<?pi?>"], ids=list("ab"))
def test_56_wat_het_schema_ziet_en_wat_wordt_gelezen_is_hetzelfde(
    between: str, tmp_path: Path
) -> None:
    told = refused(tmp_path, made("JW323", (">60000<", f">600{between}000000<")))
    assert "gevonden '600000000'" in told


def test_57_cdata_en_verwijzingen_zijn_gewone_tekst(tmp_path: Path) -> None:
    plain = familie(tmp_path / "in")
    other = write(
        tmp_path / "anders",
        JW301=plain[0].read_bytes(),
        JW323=made(
            "JW323",
            (">D202503<", "><![CDATA[D2025]]>0&#51;<"),
            (">12345678<", "><![CDATA[1234]]>5678<"),
        ),
    )
    first = process(tmp_path / "1", plain[0], plain[2])
    second = process(tmp_path / "2", *other)
    assert first.verdicts == second.verdicts
    assert first.records == second.records
    codes = [
        [(local(e), e.text) for e in etree.fromstring(done.answers["JW323.JW325.xml"]).iter()]
        for done in (first, second)
    ]
    number = {"Identificatie", "IdentificatieRetour"}
    expected, actual = ([pair for pair in told if pair[0] not in number] for told in codes)
    assert expected == actual


# --- Size and shape ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shapes() -> dict[str, bytes]:
    return large_shapes()


SHAPES = {
    "diep_300": "elementen in <Voornamen>",
    "diep_100000": "elementen in <Voornamen>",
    "attributen": "geen attributen",
    "attribuut": "het bericht",
    "tekst": "het bericht",
    "buren": "<Extra>",
}


@pytest.mark.parametrize("naam", SHAPES)
def test_58_een_vorm_die_geen_bericht_heeft(
    naam: str, shapes: dict[str, bytes], tmp_path: Path, ordinary: Measured
) -> None:
    told = refused(tmp_path, shapes[naam])
    assert len(told) < LONGEST_SENTENCE, told
    assert SHAPES[naam] in told
    assert "xxxxx" not in told
    found = measured("check", str(tmp_path / "in" / "fout.xml"))
    assert 1 == found.code
    assert told in found.told
    assert found.peak < MOST_MEMORY
    assert found.work - ordinary.work < 10 * MOST_WORK


@pytest.mark.parametrize("depth", [300, 100_000])
def test_58_diep_buiten_elk_bericht(depth: int, tmp_path: Path) -> None:
    assert "<a> is geen bericht" in unread(tmp_path, b"<a>" * depth + b"</a>" * depth)


# --- All of it, between good messages ---------------------------------------------------------


@modes(EMBEDDED, SHARED, PRODUCTION)
def test_53_54_58_59_60_63_aanvallen_tussen_goede_berichten(
    install: Install, modus: str, shapes: dict[str, bytes]
) -> None:
    installation = install(modus)
    started = installation.start_all()
    bad = {f"slecht-{naam}": content for naam, content in (everything() | shapes).items()}
    good = [message for number in (1, 2) for message in family(number)]
    for number, (naam, content) in enumerate(bad.items()):
        installation.edges.offer(Message(naam, content))
        if number % 10 == 0 and good:
            installation.edges.offer(good.pop(0))
    installation.edges.offer(*good)
    assert [] == installation.violations()
    assert all(process.is_running for process in started)
    found = installation.rows("SELECT verdict, count(*) FROM inbox GROUP BY verdict")
    assert {"invalid": len(bad), "accepted": 6, "rejected": 2} == dict(found)


# --- The schemas ------------------------------------------------------------------------------


def _altered(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"<!-- -->")


def _of_another_release(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("/3_2/", "/3_1/"), "utf-8")
    path.with_name("SHA256SUMS").unlink()


def _no_xml(path: Path) -> None:
    path.write_text("<xs:schema", "utf-8")
    path.with_name("SHA256SUMS").unlink()


def _not_listed(path: Path) -> None:
    sums = path.with_name("SHA256SUMS")
    lines = sums.read_text(encoding="utf-8").splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if path.name not in line), "utf-8")


HARM: dict[str, tuple[Callable[[Path], None], str]] = {
    "weg": (Path.unlink, "ontbreekt of is niet te lezen"),
    "veranderd": (_altered, "is veranderd: sha256 is "),
    "andere_uitgave": (_of_another_release, "/3_1/"),
    "geen_xml": (_no_xml, "is geen XML"),
    "niet_genoemd": (_not_listed, "volgens SHA256SUMS is het er niet"),
}


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of schemas of the operator's own, which is the one that is used."""
    folder = tmp_path / "schemas"
    shutil.copytree(PROJECT / "schemas", folder)
    monkeypatch.setenv("GATEWAY_SCHEMAS_DIR", str(folder))
    return folder


@pytest.mark.parametrize("harm", HARM)
def test_64_met_een_schema_dat_niet_klopt_start_niets(
    harm: str, schemas: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = schemas / "ijw-3.2" / "JW323.xsd"
    (good,) = write(tmp_path / "in", a=made("JW305"))
    assert 0 == run(["check", str(good)])
    do, part = HARM[harm]
    do(path)
    capsys.readouterr()
    data = ["--data", str(tmp_path / "data")]
    for arguments in (["check", str(good)], ["run", *data]):
        assert 2 == run(arguments)
        told = sentence(capsys.readouterr().err)
        assert str(path) in told
        assert part in told


def test_64_een_schema_waar_andere_op_rusten(
    schemas: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (good,) = write(tmp_path / "in", a=made("JW305"))
    (schemas / "iwmo-3.2" / "basisschema.xsd").unlink()
    assert 2 == run(["check", str(good)])
    assert "iwmo-3.2/basisschema.xsd ontbreekt" in sentence(capsys.readouterr().err)


def test_64_een_eigen_map_hoeft_geen_lijst_te_hebben(schemas: Path, tmp_path: Path) -> None:
    for sums in schemas.rglob("SHA256SUMS"):
        sums.unlink()
    (good,) = write(tmp_path / "in", a=made("JW305"))
    told = command("check", str(good), environment={"GATEWAY_SCHEMAS_DIR": str(schemas)})
    assert (0, "") == (told.returncode, told.stderr)
