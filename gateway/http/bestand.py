"""A file that is sent in pieces, so that none is whole in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO

from starlette.responses import StreamingResponse

PIECE = 256 * 1024


def sent(
    file: IO[bytes], media: str, koppen: Mapping[str, str], status: int = 200
) -> StreamingResponse:
    """The answer that is a file from its begin to its end; the file is closed after it."""
    return StreamingResponse(_pieces(file), status, dict(koppen), media)


def attachment(naam: str, size: int | None = None) -> dict[str, str]:
    """The headers of a file that is kept under a name."""
    told = {"Content-Disposition": f'attachment; filename="{naam}"'}
    return told if size is None else {**told, "Content-Length": str(size)}


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
