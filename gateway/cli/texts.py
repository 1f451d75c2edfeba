"""How a finding is told to a person on a terminal."""

from __future__ import annotations

from gateway.cli.scherm import visible
from gateway.messages.teksten import Teksten
from gateway.records.finding import Finding


def explained(finding: Finding, texts: Teksten) -> str:
    """A finding in a few lines: the sentence, where, and what to do."""
    code = f" ({finding.retourcode})" if finding.retourcode else ""
    lines = [f"  {finding.rule}{code}: {finding.text}", f"    plaats: {finding.path}"]
    text = texts.of(finding.retourcode or finding.rule)
    if text is not None:
        lines.append(f"    wat u kunt doen: {text.doe}")
    return "\n".join(map(visible, lines))
