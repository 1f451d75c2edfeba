"""The naive way: the same rules and the same store, but xmlschema, and every line for itself.

A line is judged and stored on its own: a query per kind of fact and an insert per line.  It is the
product's own code with a chunk of one line, so that both ways do the same work; kept to measure
against, never to use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import xmlschema

from gateway.pipeline import lezing, spool


class Slow:
    """An XSD that is compiled once by xmlschema, which judges in Python."""

    def __init__(self, schema: Path) -> None:
        self._schema = xmlschema.XMLSchema(str(schema))

    def validate(self, body: bytes) -> None:
        """Raise when the message breaks the XSD."""
        self._schema.validate(BytesIO(body))


@contextmanager
def line_by_line(lines: int) -> Iterator[None]:
    """Judge and store in chunks of one line for as long as the block lasts."""
    before = (spool.CHUNK, lezing.CHUNK, spool.CHUNKS_IN_MEMORY)
    spool.CHUNK = lezing.CHUNK = 1
    spool.CHUNKS_IN_MEMORY = lines
    try:
        yield
    finally:
        spool.CHUNK, lezing.CHUNK, spool.CHUNKS_IN_MEMORY = before
