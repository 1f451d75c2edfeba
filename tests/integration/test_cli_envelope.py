"""Envelopes as files: from the portal into the store, and from the store to the portal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.cli.service import folders_of, randen_of
from gateway.config import Settings
from gateway.network.ggk.envelop import Envelop, Fout, Foutbericht, Systeem
from gateway.network.ggk.lezen import parse, read
from gateway.network.ggk.schrijven import write
from tests.api.dienst import Dienst, Klok, served
from tests.enveloppen import UUID, di01, du01, fo01
from tests.integration.berichten import bericht, run
from tests.opslag import store_of
from tests.unit.test_pakket import zipped

ANDER = "1f0e9d8c-7b6a-4958-8776-655443322110"
NOG_EEN = "2f0e9d8c-7b6a-4958-8776-655443322110"
JW301, JW302, JW323 = (bericht(naam).encode() for naam in ("JW301", "JW302", "JW323"))


@pytest.fixture
def dienst(tmp_path: Path) -> Iterator[Dienst]:
    with served(tmp_path, Klok(datetime(2025, 12, 5, 9, tzinfo=UTC))) as made:
        yield made


Opdracht = Callable[..., tuple[int, str]]


@pytest.fixture
def envelope(dienst: Dienst, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Opdracht:
    """Run `gateway envelope` on the store of a test; gives its exit code and what it tells."""

    def asked(*words: object) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["envelope", *map(str, words), "--store", store_of(tmp_path)])
        told = capsys.readouterr()
        return code, (told.out + told.err).replace(f"{tmp_path}/", "").strip()

    return asked


@pytest.fixture
def bestand(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def made(naam: str, body: bytes) -> Path:
        path = tmp_path / naam
        path.write_bytes(body)
        return path

    return made


Bestand = Callable[[str, bytes], Path]


def inhoud_van(dienst: Dienst) -> list[bytes]:
    return [
        b"".join(dienst.installation.store.message(row.id))
        for row in dienst.rijen("SELECT id FROM inbox ORDER BY id")
    ]


def antwoord_van(dienst: Dienst) -> bytes:
    """Judge what came, and give the one answer as it would stand in `out/`."""
    dienst.installation.store.inbox.sweep()
    dienst.drain()
    stored = dienst.installation.store.views.answer(1)
    assert stored is not None
    return b"".join(stored.body)


def test_an_invoice_comes_from_the_portal_and_its_answer_goes_back(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand, tmp_path: Path
) -> None:
    path = bestand("declaratie.xml", write(di01(JW323)))
    assert (0, "declaratie.xml: opgenomen") == envelope("unpack", path)
    antwoord = antwoord_van(dienst)
    code, told = envelope("pack", bestand("antwoord.xml", antwoord), "--out", tmp_path / "uit")
    assert 0 == code, told
    (made,) = (tmp_path / "uit").iterdir()
    assert f"antwoord.xml: uit/{made.name}" == told
    first = made.read_bytes()
    stuk = read(parse(first))
    assert isinstance(stuk, Envelop)
    head = stuk.stuurgegevens
    assert antwoord == stuk.inhoud
    assert ("Du01", UUID, "JW325") == (head.berichtcode, head.crossrefnummer, head.functie)
    assert Systeem("0193", "ijw-iwmo-gateway") == head.zender
    assert Systeem("12345678", "GGk") == head.ontvanger
    assert ("0003", "0002") == (stuk.parameters.functie_versie, stuk.parameters.functie_subversie)
    assert f"{head.referentienummer}.xml" == made.name
    # Once more: the same file, and no second one.
    assert (0, told) == envelope("pack", tmp_path / "antwoord.xml", "--out", tmp_path / "uit")
    assert [(made, first)] == [(one, one.read_bytes()) for one in (tmp_path / "uit").iterdir()]


def test_envelopes_and_messages_may_come_in_a_zip(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand, tmp_path: Path
) -> None:
    second = replace(di01(JW323), inhoud=JW323 + b"\n")
    head = replace(second.stuurgegevens, referentienummer=ANDER)
    both = (write(di01(JW323)), write(replace(second, stuurgegevens=head)))
    pakket = zipped(("1.xml", both[0]), ("lees.txt", b"dit zijn ze"), ("2.xml", both[1]))
    code, told = envelope("unpack", bestand("p.zip", pakket))
    assert (1, ["opgenomen", "geweigerd", "opgenomen"]) == (
        code,
        [line.split(": ")[1] for line in told.splitlines()],
    )
    assert told.splitlines()[1].startswith("p.zip/lees.txt: geweigerd: heet niet naar een bericht")
    assert [JW323, JW323 + b"\n"] == inhoud_van(dienst)
    uit = bestand("uit.zip", zipped(("antwoord.xml", antwoord_van(dienst))))
    code, told = envelope("pack", uit, "--out", tmp_path / "uit")
    assert (0, 1) == (code, len(list((tmp_path / "uit").iterdir())))
    assert told.startswith("uit.zip/antwoord.xml: uit/")


def test_a_file_that_is_no_zip_is_refused_and_the_rest_is_taken(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand
) -> None:
    files = [bestand("p.zip", b"geen zip"), bestand("1.xml", write(di01(JW323)))]
    refused = "p.zip: geweigerd: dit is geen zip, of hij is beschadigd"
    assert (1, f"{refused}\n1.xml: opgenomen") == envelope("unpack", *files)


def test_a_second_retour_to_one_message_is_not_made(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand, tmp_path: Path
) -> None:
    envelope("unpack", bestand("declaratie.xml", write(di01(JW323))))
    antwoord = antwoord_van(dienst)
    files = [bestand("een.xml", antwoord), bestand("twee.xml", antwoord + b"\n")]
    code, told = envelope("pack", *files, "--out", tmp_path / "uit")
    assert 1 == code
    refused = "twee.xml: geweigerd: op dit referentienummer ging al een retour van deze soort"
    assert refused == told.splitlines()[1]
    assert 1 == len(list((tmp_path / "uit").iterdir()))


def test_an_assignment_goes_to_the_portal_and_its_retour_is_tied_to_it(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand, tmp_path: Path
) -> None:
    assert 0 == envelope("pack", bestand("301.xml", JW301), "--out", tmp_path / "uit")[0]
    (made,) = (tmp_path / "uit").iterdir()
    stuk = read(parse(made.read_bytes()))
    assert isinstance(stuk, Envelop)
    assert ("Di01", JW301) == (stuk.stuurgegevens.berichtcode, stuk.inhoud)
    retour = du01(JW302, crossrefnummer=made.stem)
    assert 0 == envelope("unpack", bestand("302.xml", write(retour)))[0]
    assert [JW302] == inhoud_van(dienst)


@pytest.mark.parametrize(
    ("body", "reden"),
    [
        (JW323, "een JW323 wordt niet door een gemeente verstuurd"),
        (
            bericht("JW325").encode(),
            "dit JW325 antwoordt niet op een bericht uit een envelop",
        ),
        (
            bericht("JW306").encode(),
            "dit JW306 antwoordt niet op een bericht uit een envelop",
        ),
        (b"<a/>", "het element <a> is geen bericht van iWmo of iJw 3.2"),
    ],
)
def test_what_a_municipality_does_not_send_is_not_packed(
    envelope: Opdracht, bestand: Bestand, tmp_path: Path, body: bytes, reden: str
) -> None:
    expected = (1, f"x.xml: geweigerd: {reden}")
    assert expected == envelope("pack", bestand("x.xml", body), "--out", tmp_path / "uit")
    assert not (tmp_path / "uit").exists()


def test_the_same_file_twice_is_one_message_and_another_one_is_refused(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand
) -> None:
    stuk = di01(JW323)
    path = bestand("a.xml", write(stuk))
    ander = bestand("b.xml", write(replace(stuk, inhoud=JW323 + b"\n")))
    code, told = envelope("unpack", path, path, ander)
    assert 1 == code
    assert [
        "a.xml: opgenomen",
        "a.xml: opgenomen",
        "b.xml: geweigerd: StUF016: "
        "dit referentienummer is door deze zender al gebruikt voor een ander bericht",
    ] == told.splitlines()
    assert [JW323] == inhoud_van(dienst)


def test_the_fault_for_a_sender_leaves_by_the_folder_of_answers(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand, tmp_path: Path
) -> None:
    envelope("unpack", bestand("x.xml", write(di01(b"<Bericht/>"))))
    settings = Settings(data=tmp_path / "data")
    bestemmingen = randen_of(settings, folders_of(settings)).bestemmingen
    for one in dienst.installation.store.outbox.due(bestemmingen.keys()):
        bestemmingen[one.soort].deliver(one.naam, one.soort, iter(one.body))
    (path,) = (tmp_path / "data" / "out").iterdir()
    fout = read(parse(path.read_bytes()))
    assert isinstance(fout, Foutbericht)
    assert f"Fo01_0193_{fout.stuurgegevens.referentienummer}.xml" == path.name
    assert ("StUF055", UUID) == (fout.fout.code, fout.stuurgegevens.crossrefnummer)


def test_what_is_set_aside_is_listed_and_can_be_taken(
    dienst: Dienst, envelope: Opdracht, bestand: Bestand
) -> None:
    stukken: list[Envelop | Foutbericht] = [
        di01(JW323, "JW307"),
        fo01(referentienummer=ANDER),
    ]
    for stuk in stukken:
        envelope("unpack", bestand("x.xml", write(stuk)))
    code, told = envelope("list")
    assert 0 == code
    assert "de envelop noemt JW307 3.2, erin zit JW323" in told
    assert "IB101" in told
    reden = ("--reden", "de afzender vergiste zich in 999900006")
    assert (0, "envelop 1 is opgenomen als bericht 1") == envelope("take", 1, *reden)
    (act,) = dienst.rijen("SELECT attributes FROM verwerking WHERE name = 'envelop opnemen'")
    assert "de afzender vergiste zich in *****0006" in act.attributes
    assert [JW323] == inhoud_van(dienst)
    assert "JW307" not in envelope("list")[1]
    code, told = envelope("take", 1)
    assert (2, True) == (code, "envelop 1 ligt niet apart met een bericht erin" in told)
    fout = "gateway: envelop 2 is een fout; er zit geen bericht in"
    assert (2, fout) == envelope("take", 2)


def test_what_is_set_aside_counts_until_somebody_took_or_closed_it(
    dienst: Dienst,
    envelope: Opdracht,
    bestand: Bestand,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def counted() -> tuple[int, int]:
        run(["status", "--json", "--store", store_of(tmp_path)])
        network = json.loads(capsys.readouterr().out)["network"]
        return network["aside"], network["doubled"]

    assert (0, 0) == counted()
    tweede = fo01(Fout("CC11", "er is al een retour"), referentienummer=ANDER)
    for stuk in (di01(JW323, "JW307"), du01(JW302, referentienummer=NOG_EEN), tweede):
        envelope("unpack", bestand("x.xml", write(stuk)))
    assert (2, 1) == counted()
    run(["status", "--store", store_of(tmp_path)])
    told = capsys.readouterr().out
    assert "netwerk: 2 keer een envelop apart gelegd; zie gateway envelope list" in told
    assert "netwerk: 1 keer een tweede antwoord op hetzelfde bericht; zie gateway envelope" in told
    assert "er is al een ander antwoord op hetzelfde bericht bezorgd" in envelope("list")[1]
    envelope("take", 1)
    assert (1, 1) == counted()
    assert (0, "envelop 2 is gesloten") == envelope("close", 2)
    assert (0, "envelop 3 is gesloten") == envelope("close", 3)
    assert (0, 0) == counted()
    assert "Du01" not in envelope("list")[1]
    assert (2, "gateway: envelop 3 ligt niet apart") == envelope("close", 3)
    closed = dienst.rijen("SELECT attributes FROM verwerking WHERE name = 'envelop sluiten'")
    assert ["envelop 2", "envelop 3"] == [
        json.loads(one.attributes)["dpl.nen7513.participants"][0]["participantObjectID"]
        for one in closed
    ]
    # The same fault again is known, and asks for nobody.
    envelope("unpack", bestand("x.xml", write(tweede)))
    assert (0, 0) == counted()
