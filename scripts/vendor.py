"""Fetches what pages use of others, once: run it by hand after a version here changed.

    python scripts/vendor.py

Of the stylesheet of Utrecht only the components that pages use are kept.  `vendor.sha256` pins what
was fetched; a test holds the files against it.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
STATIC = PROJECT / "gateway" / "web" / "static" / "vendor"
TESTS = PROJECT / "tests" / "browser" / "vendor"
BOOK = PROJECT / "docs" / "vendor"
SUMS = "vendor.sha256"

CANDIDATE = "@nl-design-system-candidate"
# Package and version -> the files to keep: path inside it, and the name that it gets here.
PACKAGES = {
    "htmx.org@2.0.11": (STATIC, {"dist/htmx.min.js": "htmx.js", "LICENSE": "htmx.LICENSE"}),
    f"{CANDIDATE}/button-css@1.1.0": (STATIC, {"dist/button.css": "nl-button.css"}),
    f"{CANDIDATE}/skip-link-css@1.0.5": (STATIC, {"dist/skip-link.css": "nl-skip-link.css"}),
    f"{CANDIDATE}/data-badge-css@1.0.5": (
        STATIC,
        {"dist/data-badge.css": "nl-data-badge.css", "LICENSE.md": "nl-design-system.LICENSE.md"},
    ),
    "@utrecht/component-library-css@9.0.4": (
        STATIC,
        {"dist/index.css": "utrecht.css", "LICENSE.md": "utrecht.LICENSE.md"},
    ),
    "axe-core@4.14.1": (TESTS, {"axe.min.js": "axe.js", "LICENSE": "axe.LICENSE"}),
    # Draws the diagrams of the documentation; its theme would get it from elsewhere.
    "@mermaid-js/tiny@11.17.2": (
        BOOK,
        {"dist/mermaid.tiny.js": "mermaid.js", "LICENSE": "mermaid.LICENSE"},
    ),
}
COMPONENTS = frozenset(
    [
        "alert",
        "breadcrumb-nav",
        "checkbox",
        "data-list",
        "form-field",
        "form-field-description",
        "form-field-error-message",
        "form-fieldset",
        "form-label",
        "heading",
        "link",
        "pagination",
        "paragraph",
        "select",
        "table",
        "table-container",
        "textarea",
        "textbox",
    ]
)
_NOTICE = re.compile(r"/\*\*.*?\*/", re.DOTALL)
_COMPONENT = re.compile(r"\.utrecht-([a-z]+(?:-[a-z]+)*)")
_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")


def main() -> None:
    """Fetch everything and write the sums."""
    for package, (target, files) in PACKAGES.items():
        target.mkdir(parents=True, exist_ok=True)
        for name, text in _fetched(package, files).items():
            kept = used_only(text) if name == "utrecht.css" else _MAP.sub("", text)
            (target / name).write_text(kept, encoding="utf-8")
    for folder in (STATIC, TESTS, BOOK):
        (folder / SUMS).write_text(sums(folder), encoding="utf-8")


def sums(folder: Path) -> str:
    """The sha-256 of every file in a folder, as `sha256sum` writes it."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files
    )


def used_only(css: str) -> str:
    """The rules of a stylesheet for the components that pages use, with its notices."""
    notices = "\n".join(dict.fromkeys(_NOTICE.findall(css)))
    plain = _NOTICE.sub("", css).replace('@charset "UTF-8";', "")
    kept = "\n".join(_MAP.sub("", rule) for rule in _rules(plain) if _is_used(rule))
    return f"/* Only the components that pages use; see scripts/vendor.py. */\n{notices}\n{kept}\n"


def _fetched(package: str, files: dict[str, str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", package]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as opened:
            return {
                name: opened.extractfile(f"package/{inside}").read().decode()  # type: ignore[union-attr]
                for inside, name in files.items()
            }


def _rules(css: str) -> list[str]:
    found, depth, start = [], 0, 0
    for place, sign in enumerate(css):
        depth += (sign == "{") - (sign == "}")
        if sign == "}" and depth == 0:
            found.append(css[start : place + 1].strip())
            start = place + 1
    return found


def _is_used(rule: str) -> bool:
    selector = rule if rule.startswith("@") else rule.split("{", 1)[0]
    named = _COMPONENT.search(selector)
    return named is not None and named[1] in COMPONENTS


if __name__ == "__main__":
    main()
