"""A release is signed and can be looked at by who gets it; new versions are proposed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.bladzijde import typed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "levering.md"
BLOCK = re.compile(r"^```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks_under(heading: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    return BLOCK.findall(text.partition("\n## ")[0])


def test_what_is_signed_is_known_and_what_was_changed_is_not(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "gateway-1.whl").write_bytes(b"een pakket")
    (dist / "sbom.json").write_text("{}", encoding="utf-8")
    make_key, sign, _ = blocks_under("Ondertekenen")
    check, *_ = blocks_under("Nakijken")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    # Who follows the page chooses a password.
    told, _ = typed([make_key.strip() + " -q -N ''", sign, check], tmp_path, environment, 60)
    assert 'Good "gateway" signature for uitgave@gemeente.nl' in told
    assert {"gateway-1.whl: OK", "sbom.json: OK"} <= set(told.splitlines())

    for name, body in (("gateway-1.whl", b"een ander"), ("SHA256SUMS", b"0  gateway-1.whl\n")):
        (dist / name).write_bytes(body)
        again = subprocess.run(
            ["bash", "-euc", check], cwd=dist, env=environment, capture_output=True, check=False
        )
        assert 0 != again.returncode, name


def renovate() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("manager", ["dockerfile", "docker-compose", "kubernetes"])
def test_new_versions_are_looked_for_in_files_that_are_there(manager: str) -> None:
    assert manager in renovate()["enabledManagers"]
    (pattern,) = renovate()[manager]["managerFilePatterns"]
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "deploy").rglob("*")]
    assert [one for one in files if re.search(pattern.strip("/"), one)]


def test_a_new_version_comes_with_its_hashes() -> None:
    (rule,) = renovate()["packageRules"]
    assert ["make lock"] == rule["postUpgradeTasks"]["commands"]
    lock = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlock:")[2]
    made = re.findall(r"--output-file (\S+)", lock.partition("\n\n")[0])
    assert made == rule["postUpgradeTasks"]["fileFilters"]
    assert all((ROOT / name).is_file() for name in made)
