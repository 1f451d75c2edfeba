"""Every answer is valid and lawful, by the tables of the standard and not by our own guard."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.integration.berichten import Verwerkt, process, schema
from tests.properties.berichten import messages
from tests.properties.profiel import examples
from tests.properties.verhalen import KLOK, verhalen
from tests.standard.mutate import MUTATIONS, mutate

ANSWERS = {"305": "306", "307": "308", "315": "316", "317": "318", "323": "325"}
ANSWERED = [f"{wet}{soort}" for wet in ("JW", "WMO") for soort in ANSWERS]
# Codes about starts and stops, which may never refuse a line of an invoice (OP364).
STEERING = {"9019", "9063", "9069", "9071", "9074", "9326", "9413", "9414", "9415"}
RETOURKOP = ("IdentificatieRetour", "DagtekeningRetour", "XsltVersie", "XsdVersieRetour")
INSIDE, NOT_JUDGED, GOOD, ALL_GRANTED, REFUSED_INSIDE = 2, "0233", "0200", "8001", "0001"

Element = Any
Tabel = dict[str, Any]


@cache
def xsd(naam: str) -> etree.XMLSchema:
    return schema(naam)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, bytes]:
    """Messages to answer, by the stem of their file: a story, some of it broken, and any others."""
    found: dict[str, bytes] = {}
    for one in draw(verhalen()):
        body = one.body
        if draw(st.sampled_from((*[False] * 5, True))):
            mutation = draw(st.sampled_from(MUTATIONS))
            body = mutate(one.naam, body, mutation, Random(draw(st.integers(0, 1 << 16))))
        found[one.stam] = body
    for number, naam in enumerate(draw(st.lists(st.sampled_from(ANSWERED), max_size=3))):
        found[f"9{number}-{naam[-3:]}"] = draw(messages(naam))
    return found


@examples(10)
@given(bodies())
def test_every_answer_is_valid_and_lawful(sent: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        paths = []
        for stem, body in sent.items():
            paths.append(folder / "in" / f"{stem}.xml")
            paths[-1].write_bytes(body)
        done = process(folder / "out", *paths, klok=KLOK.isoformat())
        firsts = first_of_their_bytes(sent)

        for outcome, stem in zip(done.outcomes, sent, strict=True):
            if outcome["verdict"] == "duplicate":
                assert answer_of(done, firsts[stem]) == answer_of(done, stem)
            else:
                lawful(outcome, etree.fromstring(sent[stem]), answer_of(done, stem))


def first_of_their_bytes(sent: dict[str, bytes]) -> dict[str, str]:
    firsts: dict[bytes, str] = {}
    return {stem: firsts.setdefault(body, stem) for stem, body in sent.items()}


def answer_of(done: Verwerkt, stem: str) -> bytes | None:
    found = [body for name, body in done.answers.items() if name.startswith(f"{stem}.")]
    assert len(found) <= 1
    return found[0] if found else None


def lawful(outcome: Tabel, heen: Element, answer: bytes | None) -> None:
    """Holds an answer against the table of design and standard, by the level that decided."""
    assert outcome["verdict"] in {"accepted", "partly", "rejected", "invalid"}, outcome
    soort = (outcome["message"] or "")[-3:]
    if outcome["verdict"] == "invalid" or soort not in ANSWERS:
        assert answer is None
        return
    assert answer is not None
    root = etree.fromstring(answer)
    naam = outcome["message"][:-3] + ANSWERS[soort]
    xsd(naam).assertValid(root)
    header = child(root, "Header")
    assert (outcome["level"] == INSIDE) == (child(header, "XsltVersie") is not None)
    findings = [one for one in outcome["findings"] if one["effect"] == "reject"]
    if soort == "323":
        lawful_325(outcome, findings, heen, root)
    else:
        lawful_retour(outcome, findings, heen, root)


def lawful_retour(outcome: Tabel, findings: Sequence[Tabel], heen: Element, root: Element) -> None:
    header, bodies_ = child(root, "Header"), list(root)[1:]
    # All but the code of the message itself.
    assert plain(header, RETOURKOP)[2:] == plain(child(heen, "Header"))[2:]
    told = expected_header(outcome, findings)
    assert told == codes(header)
    if told != [GOOD]:
        assert [] == bodies_
        return
    assert plain_all(list(heen)[1:]) == plain_all(bodies_)
    told_of: dict[str, set[str]] = {}
    for one in findings:
        told_of.setdefault(class_of(one), set()).add(one["retourcode"])
    refused = {pad_of(one): set(codes(one)) for one in classes(root)}
    assert told_of == {pad: own for pad, own in refused.items() if own - {GOOD, NOT_JUDGED}}


def class_of(finding: Tabel) -> str:
    """The path of the class of a finding, which goes on to the element that is wrong."""
    steps = finding["path"].split("/")
    names = [step.partition("[")[0] for step in steps]
    last = len(names) - names[::-1].index(finding["class"])
    return "/".join(steps[:last]).replace("[1]", "")


def pad_of(element: Element) -> str:
    """The path of a class in an answer; the first of its kind has no number."""
    parent = element.getparent()
    if parent is None:
        return f"/{local(element)}"
    place = [one for one in parent if local(one) == local(element)].index(element) + 1
    return f"{pad_of(parent)}/{local(element)}{'' if place == 1 else f'[{place}]'}"


def expected_header(outcome: Tabel, findings: Sequence[Tabel]) -> list[str]:
    """The codes of the Header of a retour."""
    if outcome["level"] is None:
        return []
    if outcome["level"] == INSIDE:
        return [REFUSED_INSIDE]
    of_header = sorted({one["retourcode"] for one in findings if one["class"] == "Header"})
    return of_header or [GOOD]


def lawful_325(outcome: Tabel, findings: Sequence[Tabel], heen: Element, root: Element) -> None:
    header, antwoord = child(root, "Header"), child(root, "DeclaratieAntwoord")
    declaratie = child(heen, "Declaratie")
    of_class = {
        klasse: sorted({one["retourcode"] for one in findings if one["class"] == klasse})
        for klasse in ("Header", "Declaratie")
    }
    assert text(child(heen, "Header"), "Identificatie") == text(
        child(header, "DeclaratieIdentificatie"), "Identificatie"
    )
    if outcome["level"] == INSIDE or of_class["Header"]:
        told = [REFUSED_INSIDE] if outcome["level"] == INSIDE else of_class["Header"]
        assert told == codes(header)
        assert antwoord is None
        return
    assert [GOOD] == codes(header)
    assert text(declaratie, "DeclaratieNummer") == text(antwoord, "DeclaratieNummer")
    ingediend, toegekend = signed(antwoord, "TotaalIngediendBedrag"), granted(antwoord)
    assert signed(declaratie, "TotaalIngediendBedrag") == ingediend
    returned = by_name(antwoord, "Prestatie")
    if of_class["Declaratie"]:
        assert of_class["Declaratie"] == codes(antwoord)
        assert ("0", "D") == amount(child(antwoord, "TotaalToegekendBedrag"))
        assert [] == by_name(antwoord, "Client")
        return
    assert [GOOD if returned else ALL_GRANTED] == codes(antwoord)
    assert ingediend - toegekend == sum(line_amount(one) for one in returned)
    lawful_lines(findings, declaratie, antwoord)


def lawful_lines(findings: Sequence[Tabel], declaratie: Element, antwoord: Element) -> None:
    """Only rejected lines, each as it was sent, with its own codes."""
    sent = Counter(tuple(plain(one)) for one in by_name(declaratie, "Prestatie"))
    for client in by_name(antwoord, "Client"):
        lines = by_name(client, "Prestatie")
        assert lines
        unknown = codes(client) != [GOOD]
        for one in lines:
            told = codes(one)
            assert not STEERING & set(told)
            assert not {GOOD, ALL_GRANTED} & set(told)
            assert ([NOT_JUDGED] == told) == unknown
    returned = Counter(tuple(plain(one)) for one in by_name(antwoord, "Prestatie"))
    assert returned <= sent
    of_lines = {one["retourcode"] for one in findings if one["class"] == "Prestatie"}
    told = {code for one in by_name(antwoord, "Prestatie") for code in codes(one)} - {NOT_JUDGED}
    assert of_lines == told
    if not findings:
        assert not returned


def local(element: Element) -> str:
    return str(etree.QName(element).localname)


def child(element: Element, name: str) -> Element:
    """The child with a local name; None when there is none."""
    return next((one for one in element if local(one) == name), None)


def by_name(element: Element, name: str) -> list[Element]:
    return [one for one in element.iter("{*}*") if local(one) == name]


def classes(root: Element) -> list[Element]:
    """The classes below the Header that have codes."""
    return [one.getparent() for body in list(root)[1:] for one in by_name(body, "RetourCodes")]


def codes(element: Element) -> list[str]:
    """The RetourCodes of a class itself."""
    found = child(element, "RetourCodes")
    return [] if found is None else [one.text for one in found]


def plain(element: Element, without: Sequence[str] = ()) -> list[tuple[str, str]]:
    """An element and all in it by local name, without codes and without some children."""
    left_out = {*without, "RetourCodes"}
    if local(element) in left_out:
        return []
    found = [(local(element), (element.text or "") if not len(element) else "")]
    for one in element.iterchildren("{*}*"):
        found += plain(one, tuple(left_out))
    return found


def plain_all(elements: Sequence[Element]) -> list[tuple[str, str]]:
    return [pair for one in elements for pair in plain(one)]


def text(element: Element, name: str) -> str:
    found: str = by_name(element, name)[0].text
    return found


def amount(element: Element) -> tuple[str, str]:
    return str(int(element[0].text)), element[1].text


def signed(element: Element, name: str) -> int:
    cents, side = amount(child(element, name))
    return int(cents) if side == "D" else -int(cents)


def granted(antwoord: Element) -> int:
    return signed(antwoord, "TotaalToegekendBedrag")


def line_amount(line: Element) -> int:
    return signed(line, "IngediendBedrag")
