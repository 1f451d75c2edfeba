"""The image is described as it should be, and its steps make a command that works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gateway import __version__
from gateway.cli import COMMANDS
from tests.integration.berichten import PROJECT

CONTAINERFILE = PROJECT / "deploy" / "Containerfile"
HADOLINT = Path(sys.executable).with_name("hadolint")
# Where the packages are that tests run with; ours is there by a link, which this passes over.
NEEDED = sysconfig.get_path("purelib")
INSTALLING = "deploy/installeren.sh"
LOCKED = "--require-hashes"
LOCKS = ("requirements.lock", "bouw.lock")


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is er niet voor deze machine")
def test_the_image_is_described_as_it_should_be() -> None:
    done = subprocess.run([HADOLINT, CONTAINERFILE], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stdout)


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile, with lines that go on put together."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text(encoding="utf-8"), flags=re.M)
    whole = text.replace("\\\n", " ").splitlines()
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in whole if line)
    ]


def test_the_image_is_built_of_all_that_the_package_needs() -> None:
    copied = {
        name
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    needed |= {*wheel["packages"], *wheel["force-include"]}
    assert needed <= copied
    sent = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in copied} == {line for line in sent if line.startswith("!")}


def test_the_image_runs_our_command_as_an_ordinary_user() -> None:
    told = dict(instructions())
    assert ["gateway"] == json.loads(told["ENTRYPOINT"])
    assert json.loads(told["CMD"])[0] in COMMANDS
    assert int(told["USER"]) > 0
    assert f"useradd --uid {told['USER']} " in told["RUN"]
    assert len([word for word, _ in instructions() if word == "FROM"]) == 2


def test_what_others_made_comes_by_the_lock_and_nothing_beside_it() -> None:
    (steps, *_) = (rest for word, rest in instructions() if word == "RUN")
    assert f"sh {INSTALLING} /opt/gateway" == steps
    script = (PROJECT / INSTALLING).read_text(encoding="utf-8").splitlines()
    fetching = [line for line in script if re.search(r"pip\S* (install|wheel|download)", line)]
    assert 4 == len(fetching)
    locked = [line for line in fetching if LOCKED in line]
    assert [f'/{name}"' for name in LOCKS] == [
        line[-len(name) - 2 :] for line, name in zip(locked, LOCKS, strict=True)
    ]
    assert all("--no-deps" in line.split() for line in fetching if line not in locked)


@pytest.mark.parametrize(
    ("lock", "wanting"), [("requirements.lock", "dependencies"), ("bouw.lock", "requires")]
)
def test_every_package_of_the_lock_is_pinned_by_a_hash(lock: str, wanting: str) -> None:
    text = (PROJECT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    pinned: dict[str, str] = {}
    for block in re.split(r"\n(?=\S)", text.strip()):
        head, *hashes = block.replace("\\\n", " ").split()
        name, _, version = head.partition("==")
        assert version
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), name
        pinned[canonicalize_name(name)] = version
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {**project["project"], **project["build-system"]}[wanting]
    for wanted in map(Requirement, needed):
        assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)]), wanted


@pytest.mark.skipif(find_spec("cyclonedx_py") is None, reason="cyclonedx-bom is er niet")
def test_the_bill_of_materials_has_every_package_of_the_lock(tmp_path: Path) -> None:
    bill = tmp_path / "sbom.json"
    words = ["requirements", "requirements.lock", "--pyproject", "pyproject.toml"]
    done = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", *words, "--output-file", bill],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    told = json.loads(bill.read_text(encoding="utf-8"))
    assert "CycloneDX" == told["bomFormat"]
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    expected = set(re.findall(r"^([\w.-]+)==(\S+)", lock, re.M))
    assert expected == {(one["name"], one["version"]) for one in told["components"]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first stage makes, by its own steps, of nothing but what it copies.

    The steps of the second make a user of the machine: those only an engine can run.
    """
    folder = tmp_path_factory.mktemp("image")
    source, target = folder / "bron", folder / "opt" / "gateway"
    told = instructions()
    _, second = (place for place, (word, _) in enumerate(told) if word == "FROM")
    first = told[:second]
    for *names, where in (rest.split() for word, rest in first if word == "COPY"):
        for name in names:
            if (PROJECT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(PROJECT / name, source / where, ignore=ignored)
            else:
                (source / where).mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT / name, source / where)
    (steps,) = (rest for word, rest in first if word == "RUN")
    # A test is no place to download anything: what the package needs is that of the tests.
    lines = (source / INSTALLING).read_text(encoding="utf-8").splitlines(keepends=True)
    own = "".join(line for line in lines if LOCKED not in line)
    (source / INSTALLING).write_text(own, encoding="utf-8")
    script = steps.replace("/opt/gateway", str(target))
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    done = subprocess.run(
        ["sh", "-euc", script],
        cwd=source,
        env={**os.environ, **offline, "PYTHONPATH": NEEDED},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return target


def test_the_steps_of_the_image_make_a_command_that_has_all_that_it_needs(
    built: Path, tmp_path: Path
) -> None:
    def told(*words: str) -> str:
        done = subprocess.run(
            [built / "bin" / "gateway", *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": NEEDED, "GATEWAY_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stderr
        return done.stdout

    assert f"gateway, version {__version__}\n" == told("--version")
    # Schemas, code lists, rules, pages' texts and migrations are in the package.
    message = PROJECT / "docs" / "voorbeeld" / "01-toewijzing.xml"
    told("process", str(message), "--out", "uit", "--clock", "2025-02-06")
    assert ["JW301"] == [json.loads(one)["message"] for one in _lines(tmp_path / "uit")]
    told("migrate")
    told("status")
    assert not (PROJECT / "build").exists()


def _lines(out: Path) -> list[str]:
    return (out / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()
