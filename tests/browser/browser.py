"""A real browser: Chromium of the system, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

AXE = Path(__file__).with_name("vendor") / "axe.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# A container has no sandbox to offer, and fields for dates follow the language of the browser.
ARGUMENTS = ["--no-sandbox", "--lang=nl-NL"]
REQUIRED = "GATEWAY_REQUIRE_SERVICES"


def chromium() -> str:
    """Where Chromium is; skips the test without one, or fails it when there has to be one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail("geen Chromium", pytrace=False)
        pytest.skip("geen Chromium")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser for as long as this lasts."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield opened
        finally:
            opened.close()


def violations(page: Page) -> Sequence[str]:
    """What axe-core has against a page: rule, and where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": list(TAGS)}, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
