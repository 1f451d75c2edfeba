"""The operator's handbook, word for word, from an empty folder to two municipalities."""

from __future__ import annotations

import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests import postgres, rabbitmq
from tests.bladzijde import blocks_of, free_port, typed, with_gateway
from tests.integration.berichten import PROJECT, own_environment

PAGE = PROJECT / "docs" / "handboek.md"
# A test is no place to download anything: the command of the tests is the installed one.
DOWNLOADED = (
    *("git clone ", "git -C ", ". omgeving"),
    "sh ijw-iwmo-gateway/deploy/installeren.sh ",
)
SECONDS = 500.0


@pytest.fixture
def naam() -> Iterator[str]:
    """A name for a database, its roles and queues, of which nothing is left at the end."""
    made = f"handboek_{uuid.uuid4().hex[:12]}"
    yield made
    with postgres.as_owner() as connection:
        for database in (made, f"{made}_oefening", f"{made}_oud"):
            name = sql.Identifier(database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        for role in (made, f"{made}_eigenaar"):
            name = sql.Identifier(role)
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(name))


def filled_in(blocks: list[str], naam: str, queue: str) -> list[str]:
    """The blocks with what a reader fills in: where the servers are, and names of his own."""
    url = make_url(str(postgres.server().render_as_string(hide_password=False)))
    who = f"{url.username}:{url.password}" if url.password else f"{url.username}"
    ours = {
        "SERVER=127.0.0.1:5432": f"SERVER={url.host}:{url.port or postgres.USUAL_PORT}",
        "BEHEERDER=postgres": f"BEHEERDER={who}",
        "DATABASE=gateway": f"DATABASE={naam}",
        "WACHTRIJ=amqp://guest:guest@127.0.0.1:5672//": f"WACHTRIJ={queue}",
        "http://127.0.0.1:8080": "http://127.0.0.1:$GATEWAY_PORT",
    }
    text = "\0".join(blocks)
    for shown, own in ours.items():
        assert 1 == text.count(shown), shown
        text = text.replace(shown, own)
    # Others on this machine may have those for figures.
    for shown in sorted(set(re.findall(r"\b946\d\b", text))):
        text = text.replace(shown, free_port())
    lines = [line for line in text.splitlines() if not line.startswith(DOWNLOADED)]
    return "\n".join(lines).split("\0")


@pytest.mark.skipif(not shutil.which("psql"), reason="psql is er niet")
def test_every_command_of_the_handbook_does_what_it_says(tmp_path: Path, naam: str) -> None:
    (tmp_path / "ijw-iwmo-gateway").symlink_to(PROJECT)
    given = {
        "GATEWAY_PORT": free_port(),
        # Who is killed is not waited for as long as in a real installation.
        "GATEWAY_LEASE_SECONDS": "2",
        "GATEWAY_SWEEP_SECONDS": "1",
    }
    with rabbitmq.own_queues(f"{naam}.") as broker:
        blocks = filled_in(blocks_of(PAGE), naam, broker.url)
        told, _ = typed(blocks, tmp_path, with_gateway(tmp_path, own_environment(given)), SECONDS)

    assert "overeenkomsten: in orde" in told
    assert "Ga binnen een uur" in told
    assert "gateway_opslag_bereikbaar 1.0\n" in told
    assert "zou nu gaan; met --apply gebeurt het\n" in told
    assert "0153              4            4            0           0         0\n" in told
    assert "0164              3            2            1           0         0\n" in told
    assert "vraag van de cliënt" in told


def test_no_key_is_lost_by_doing_a_step_again(tmp_path: Path) -> None:
    """Of steps 3 and 15, with a command that fails the first time, on a key that came before."""
    (tmp_path / "ijw-iwmo-gateway").symlink_to(PROJECT)
    (tmp_path / "bezig").touch()
    (first, *_) = blocks_of(PAGE, "3. Instellingen")
    stop, rotate, *_ = blocks_of(PAGE, "15. Een nieuwe sleutel voor kenmerken")
    script = (
        "SERVER=s DATABASE=d\nstop_alles() { :; }\n"
        "gateway() { cat geheim/bsn >> gebruikt; [ ! -e bezig ] || { rm bezig; return 3; }; }\n"
    )
    script += first + "cp geheim/bsn eerste\n" + first + stop + rotate + stop + rotate
    subprocess.run(["bash", "-c", script], cwd=tmp_path, check=True)
    key, was = (
        (tmp_path / name).read_text(encoding="utf-8").strip() for name in ("geheim/bsn", "eerste")
    )
    earlier = (tmp_path / "geheim" / "bsn_vorige").read_text(encoding="utf-8").split()
    assert [was] == earlier
    assert 2 * key == (tmp_path / "gebruikt").read_text(encoding="utf-8")
    assert not (tmp_path / "geheim" / "bsn_nieuw").exists()
