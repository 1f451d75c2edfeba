"""One region for the tests of a module, on each kind of database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response

from gateway.api import app
from gateway.api.herhaling import KOP, done_once
from gateway.http.verzoek import Verzoek
from gateway.store.toegang.herhalingen import Antwoord, Herkomst
from tests.api.dienst import Dienst, dienst

# What makes nothing a second time by itself, or nothing at all, keeps its answer afterwards.
AFTERWARDS = {
    *("/berichten", "/berichten/_pakket", "/verrekeningen/_vind"),
    "/overeenkomsten/_publiceer",  # nothing is written for what is in use already
    "/aanbiederbestanden/{wat}",  # nothing is written where nothing changes
}


@pytest.fixture(scope="module")
def api(opslag: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dienst]:
    with dienst(tmp_path_factory.mktemp("api"), api_herkomst=("https://portaal.example",)) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def kept_at_once() -> Iterator[None]:
    """Every change that a test asks for has a key, and keeps its answer in its own transaction."""
    late = set()

    def asked(verzoek: Verzoek, do: Callable[[Herkomst | None], Response]) -> Response:
        def done(eerste: Herkomst | None) -> Response:
            response = do(eerste)
            assert eerste is not None
            if not isinstance(verzoek.omgeving.store.herhalingen.begin(eerste), Antwoord):
                late.add(verzoek.pad.path.removeprefix("/api/v1"))
            return response

        return done_once(_with_key(verzoek), done)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(app, "done_once", asked)
        yield
    assert late <= AFTERWARDS


def _with_key(verzoek: Verzoek) -> Verzoek:
    koppen = Headers({KOP: uuid4().hex, **verzoek.vraag.koppen})
    verzoek.vraag = replace(verzoek.vraag, koppen=koppen)
    return verzoek
