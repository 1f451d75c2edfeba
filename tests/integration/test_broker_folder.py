"""Files come in whole and go away only when they are kept; answers appear as whole files."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import TemporaryFailure
from gateway.network.folder import FolderIntake, FolderUit
from gateway.network.pakketten import Pakketopname
from gateway.store.store import SqlStore
from tests.integration.store_builders import message
from tests.unit.test_pakket import zipped


@pytest.fixture
def binnen(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, number: int = 1) -> Path:
    path = folder / name
    path.write_bytes(message(number))
    return path


def test_files_are_taken_in_order_of_their_names(store: SqlStore, binnen: Path) -> None:
    for number, name in enumerate(("b.xml", "a.xml", "É.xml", "Z.xml")):
        put(binnen, name, number)
    intake = FolderIntake(binnen, store.inbox)
    assert intake.take_all() == 4
    assert list(binnen.iterdir()) == []
    names = [getattr(store.views.bericht(number), "naam", None) for number in (1, 2, 3, 4)]
    assert names == ["Z.xml", "a.xml", "b.xml", "É.xml"]
    assert b"".join(store.pieces(2)) == message(1)


def test_only_complete_files_are_taken(store: SqlStore, binnen: Path) -> None:
    (binnen / "map.xml").mkdir()
    (binnen / "link.xml").symlink_to("/etc/hostname")
    left = [put(binnen, name) for name in ("a.xml.tmp", ".a.xml", "a.tmp", "a.txt")]
    assert FolderIntake(binnen, store.inbox).take_all() == 0
    assert all(path.exists() for path in left)


def test_a_file_stays_until_the_store_has_it(
    store: SqlStore, binnen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise TemporaryFailure("weg")

    path = put(binnen, "a.xml")
    intake = FolderIntake(binnen, store.inbox)
    with monkeypatch.context() as patched:
        patched.setattr(store.inbox, "receive", away)
        assert intake.take_all() == 0
    assert path.exists()
    assert intake.take_all() == 1
    assert not path.exists()


def test_a_stop_between_commit_and_removal_takes_the_file_once(
    store: SqlStore, binnen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_: Path) -> None:
        raise SystemExit(9)

    put(binnen, "a.xml")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", dies)
        with pytest.raises(SystemExit):
            FolderIntake(binnen, store.inbox).take_all()
    assert FolderIntake(binnen, store.inbox).take_all() == 1
    assert list(binnen.iterdir()) == []
    assert store.views.balans().ontvangen == 1


def test_an_unreadable_file_is_told_once_and_left(
    store: SqlStore, binnen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "gateway.network.folder.log.error", lambda event, **_: told.append(event), raising=False
    )
    path = put(binnen, "a.xml")
    real = Path.open

    def refuses(self: Path, *given: object, **named: object) -> object:
        if self == path:
            raise PermissionError("no")
        return real(self, *given, **named)  # type: ignore[call-overload]

    intake = FolderIntake(binnen, store.inbox)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuses)
        assert [intake.take_all(), intake.take_all()] == [0, 0]
    assert told == ["bestand_niet_opgenomen"]
    assert intake.take_all() == 0
    os.utime(path, ns=(1, 1))
    assert intake.take_all() == 1


def test_a_folder_that_is_gone_is_told_once(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "gateway.network.folder.log.error", lambda event, **_: told.append(event), raising=False
    )
    intake = FolderIntake(tmp_path / "weg", store.inbox)
    assert [intake.take_all(), intake.take_all()] == [0, 0]
    assert told == ["map_onleesbaar"]


def test_the_intake_runs_until_it_is_told_to_stop(store: SqlStore, binnen: Path) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=FolderIntake(binnen, store.inbox).run, args=(stop,))
    thread.start()
    path = put(binnen, "a.tmp")
    path.rename(binnen / "a.xml")
    while store.views.balans().ontvangen == 0:
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert list(binnen.iterdir()) == []


def test_what_leaves_is_one_whole_file_and_a_repeat_is_the_same_file(tmp_path: Path) -> None:
    uit = FolderUit(tmp_path)
    for _ in range(2):
        uit.deliver("JW325_0193_A1", "antwoord", iter([b"<a>", b"</a>"]))
    assert [path.name for path in tmp_path.iterdir()] == ["JW325_0193_A1.xml"]
    assert (tmp_path / "JW325_0193_A1.xml").read_bytes() == b"<a></a>"


def test_half_an_answer_is_never_seen(tmp_path: Path) -> None:
    def broken() -> object:
        yield b"<a>"
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        FolderUit(tmp_path).deliver("A1", "antwoord", broken())  # type: ignore[arg-type]
    assert list(tmp_path.glob("*.xml")) == []


@pytest.mark.parametrize("naam", ["../A1", "a/b", ".verborgen"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, naam: str) -> None:
    with pytest.raises(ValueError, match="no plain file name"):
        FolderUit(tmp_path).deliver(naam, "antwoord", iter([b""]))


def pakketten(store: SqlStore, binnen: Path, bytecap: int = 10_000) -> FolderIntake:
    return FolderIntake(binnen, store.inbox, ".zip", Pakketopname(bytecap))


def verslag(binnen: Path, naam: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((binnen / f"{naam}.verslag.json").read_bytes())
    return told


def test_every_message_of_a_zip_is_taken_and_told_of(store: SqlStore, binnen: Path) -> None:
    members = [
        ("1.xml", message(1)),
        ("2.json", b"{}"),
        ("3.xml", message(3)),
        ("4.xml", message(1)),
    ]
    (binnen / "p.zip").write_bytes(zipped(*members))
    assert 1 == pakketten(store, binnen).take_all()
    told = verslag(binnen, "p.zip")
    assert ("p.zip", None) == (told["pakket"], told["geweigerd"])
    assert [
        ("1.xml", "opgenomen", 1),
        ("2.json", "geweigerd", None),
        ("3.xml", "opgenomen", 2),
        ("4.xml", "dubbel", 1),
    ] == [(one["naam"], one["uitkomst"], one["bericht"]) for one in told["leden"]]
    assert "heet niet naar een bericht: de naam eindigt op .xml" == told["leden"][1]["reden"]
    assert message(3) == b"".join(store.pieces(2))
    # The report is left alone by who takes messages, and the zip is gone.
    assert 0 == FolderIntake(binnen, store.inbox).take_all()
    assert ["p.zip.verslag.json"] == [one.name for one in binnen.iterdir()]


@pytest.mark.parametrize(
    ("body", "bytecap", "told"),
    [
        (b"geen zip", 10_000, "dit is geen zip, of hij is beschadigd"),
        (zipped(("1.xml", bytes(99))), 100, "een pakket is hoogstens 100 bytes"),
    ],
    ids=["no zip", "large"],
)
def test_a_zip_that_is_refused_stays_and_its_report_says_why(
    store: SqlStore, binnen: Path, body: bytes, bytecap: int, told: str
) -> None:
    (binnen / "p.zip").write_bytes(body)
    intake = pakketten(store, binnen, bytecap)
    assert [0, 0] == [intake.take_all(), intake.take_all()]
    assert {"pakket": "p.zip", "geweigerd": told, "leden": []} == verslag(binnen, "p.zip")
    assert (binnen / "p.zip").exists()


def test_a_zip_of_which_a_part_was_taken_is_taken_again(
    store: SqlStore, binnen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (binnen / "p.zip").write_bytes(zipped(("1.xml", message(1)), ("2.xml", message(2))))
    taken = store.inbox.receive

    def once(naam: str, chunks: Any) -> Any:
        if naam == "2.xml":
            raise TemporaryFailure("weg")
        return taken(naam, chunks)

    intake = pakketten(store, binnen)
    with monkeypatch.context() as patched:
        patched.setattr(store.inbox, "receive", once)
        assert 0 == intake.take_all()
    assert ["p.zip"] == [one.name for one in binnen.iterdir()]
    assert 1 == intake.take_all()
    leden = verslag(binnen, "p.zip")["leden"]
    assert ["dubbel", "opgenomen"] == [one["uitkomst"] for one in leden]
