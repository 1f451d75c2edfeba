"""What becomes of one message that is not as it should be."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integration.berichten import Verwerkt, process, write

ENGLISH = re.compile(r"\b(the|is not|expected|element '|invalid|error|missing|found)\b", re.I)


def alone(folder: Path, content: bytes) -> Verwerkt:
    """What becomes of one message."""
    (path,) = write(folder / "in", fout=content)
    done = process(folder / "out", path)
    assert 1 == len(done.outcomes)
    return done


def refused(folder: Path, content: bytes) -> str:
    """The sentence about a message that is invalid: level 1, no answer, nothing registered."""
    done = alone(folder, content)
    (outcome,) = done.outcomes
    assert ("invalid", 1, None, 1) == (
        outcome["verdict"],
        outcome["level"],
        outcome["answer"],
        done.code,
    )
    assert ([], [], {}) == (done.records, done.deviations, done.answers)
    for finding in outcome["findings"]:
        assert "reject" == finding["effect"]
        assert finding["retourcode"] is None
        assert not ENGLISH.search(finding["text"]), finding["text"]
        assert "\n" not in finding["text"]
    return str(outcome["findings"][0]["text"])


def unread(folder: Path, content: bytes) -> str:
    """The sentence about bytes that are no message at all."""
    told = refused(folder, content)
    done = Verwerkt(1, folder / "out")
    assert done.outcomes[0]["message"] is None
    assert done.outcomes[0]["wet"] is None
    assert ["XML"] == done.rules()
    return told
