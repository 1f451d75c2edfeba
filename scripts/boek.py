"""What mkdocs asks while it makes the documentation into pages: mkdocs.yml names this file.

Everything under `docs` is a page as it stands.  Added here are the pages that are made of the
sources (`boek_bladzijden`) and those of the project itself, such as the changelog.  A link that
leads out of the documentation becomes the name of its file: the pages do not know where the code
is kept.
"""

from __future__ import annotations

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from scripts.boek_bladzijden import generated, in_book


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every page that is in no file of `docs`."""
    for name, text in generated().items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let every link of a page of `docs` lead to where it is in the book."""
    made = page.file.generated_by is not None
    return markdown if made else in_book(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)
