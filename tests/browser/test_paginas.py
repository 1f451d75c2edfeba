"""The pages in a real browser: for everyone, by keyboard, large, plain.

What the demo has a screen of is looked at there (`test_schermen`), full of data; the other pages
of the table of routes are looked at here.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from gateway.http.pad import OPENBAAR
from gateway.toegang.rechten import RECHTEN, Recht, Rol
from gateway.web.paginas import PADEN
from tests.browser.browser import violations
from tests.browser.schermen import SCHERMEN
from tests.web.huis import WACHTWOORD, Huis

NO_PAGES = (
    *("/healthz", "/readyz", "/thema.css", "/.well-known/security.txt"),
    *("/", "/inloggen/oidc", "/inloggen/terug"),
)
SCREENS = {one.stappen[-1].partition("?")[0] for one in SCHERMEN}
PAGES = [
    pad
    for pad in PADEN
    if pad.method == "GET" and "{" not in pad.path and pad.path not in {*NO_PAGES, *SCREENS}
]
# A screen of 1280 wide, enlarged to 400 %.
ENLARGED = {"width": 320, "height": 256}


def who_may(recht: object) -> str | None:
    """A user who may see a page, None where nobody has to log in."""
    if recht is OPENBAAR:
        return None
    for rol in Rol:
        if not isinstance(recht, Recht) or recht in RECHTEN[rol]:
            return rol.value
    raise AssertionError(recht)


def log_in(page: Page, web: Huis, naam: str) -> None:
    page.goto(f"{web.omgeving.adres}/inloggen")
    page.get_by_label("Gebruikersnaam").fill(naam)
    page.get_by_label("Wachtwoord").fill(WACHTWOORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Inloggen").click()


@contextmanager
def opened(chromium: Browser, web: Huis, naam: str | None, **options: object) -> Iterator[Page]:
    """A page of somebody who logged in; what the browser complains of fails the test."""
    context = chromium.new_context(locale="nl-NL", **options)  # type: ignore[arg-type]
    try:
        with watched(context) as page:
            if naam is not None:
                log_in(page, web, naam)
            yield page
    finally:
        context.close()


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    """A page in a browser; what that complains of fails the test."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    try:
        yield page
    finally:
        page.close()
    expected = [one for one in complaints if "status of 4" not in one]
    assert [] == expected


@pytest.fixture(scope="module")
def browser_of(chromium: Browser, web: Huis) -> Iterator[Callable[[str | None], BrowserContext]]:
    """The browser of somebody, who logs in once."""
    with ExitStack() as stack:

        @cache
        def of(naam: str | None) -> BrowserContext:
            context = chromium.new_context(locale="nl-NL")
            stack.callback(context.close)
            if naam is not None:
                log_in(context.new_page(), web, naam)
            return context

        yield of


@pytest.fixture(scope="module", params=PAGES, ids=lambda pad: pad.path)
def pagina(
    request: pytest.FixtureRequest, browser_of: Callable[[str | None], BrowserContext], web: Huis
) -> Iterator[Page]:
    """One page of the table, opened once by somebody who may see it."""
    pad = request.param
    with watched(browser_of(who_may(pad.recht))) as page:
        response = page.goto(web.omgeving.adres + pad.path)
        assert response is not None
        # What asks for more than an address is a page that says so.
        assert response.status < 500
        yield page


def test_a_page_is_there_for_everyone(pagina: Page) -> None:
    assert [] == list(violations(pagina))
    assert "nl" == pagina.locator("html").get_attribute("lang")
    assert 1 == pagina.locator("h1").count()


def test_a_page_fits_when_it_is_enlarged(pagina: Page) -> None:
    pagina.set_viewport_size(ENLARGED)  # type: ignore[arg-type]
    assert pagina.evaluate("document.documentElement.scrollWidth") <= ENLARGED["width"]


@pytest.mark.parametrize(
    ("naam", "path", "status"), [(None, "/bestaat-niet", 404), ("lezer", "/logboek", 403)]
)
def test_a_page_that_says_no_is_there_for_everyone(
    chromium: Browser, web: Huis, naam: str | None, path: str, status: int
) -> None:
    with opened(chromium, web, naam) as page:
        response = page.goto(web.omgeving.adres + path)
        assert response is not None
        assert (status, []) == (response.status, list(violations(page)))


def test_what_is_wrong_in_a_form_is_there_for_everyone(chromium: Browser, web: Huis) -> None:
    with opened(chromium, web, "beheerder") as page:
        page.goto(f"{web.omgeving.adres}/beheer/gebruikers/nieuw")
        with page.expect_navigation():
            page.get_by_role("button", name="Gebruiker maken").click()
        assert [] == list(violations(page))
        page.get_by_role("link", name="Gebruik letters").click()
        assert "naam" == page.evaluate("document.activeElement.id")


def test_somebody_logs_in_and_out_by_keyboard_alone(chromium: Browser, web: Huis) -> None:
    with opened(chromium, web, None) as page:
        page.goto(f"{web.omgeving.adres}/inloggen")
        page.keyboard.press("Tab")
        assert "Naar de inhoud" == page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("auditor")
        page.keyboard.press("Tab")
        page.keyboard.type(WACHTWOORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url.endswith("/logboek")
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent").strip() == "Uitloggen":
                break
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "/inloggen" in page.url


def test_what_has_the_focus_is_seen(chromium: Browser, web: Huis) -> None:
    with opened(chromium, web, "beheerder") as page:
        page.goto(f"{web.omgeving.adres}/beheer/gebruikers")
        for _ in range(8):
            page.keyboard.press("Tab")
            style = "getComputedStyle(document.activeElement).outlineStyle"
            assert "none" != page.evaluate(style)


def test_everything_works_without_script(chromium: Browser, web: Huis) -> None:
    with opened(chromium, web, "beheerder", java_script_enabled=False) as page:
        page.goto(f"{web.omgeving.adres}/beheer/gebruikers/nieuw")
        page.get_by_label("Gebruikersnaam").fill("zonder.script")
        page.get_by_label("Naam", exact=True).fill("Zonder Script")
        with page.expect_navigation():
            page.get_by_role("button", name="Gebruiker maken").click()
        page.get_by_label("lezer, Zwolle").check()
        with page.expect_navigation():
            page.get_by_role("button", name="Rollen bewaren").click()
        assert page.get_by_label("lezer, Zwolle").is_checked()


def test_the_back_button_shows_nothing_after_logging_out(chromium: Browser, web: Huis) -> None:
    with opened(chromium, web, "auditor") as page:
        page.goto(f"{web.omgeving.adres}/logboek")
        with page.expect_navigation():
            page.get_by_role("button", name="Uitloggen").click()
        page.go_back()
        assert "/inloggen" in page.url
