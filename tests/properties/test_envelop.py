"""What is put in an envelope comes out of it, whatever it is."""

import string
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.network.ggk.envelop import (
    Bevestiging,
    Envelop,
    Fout,
    Foutbericht,
    Parameters,
    Stuk,
    Stuurgegevens,
    Systeem,
)
from gateway.network.ggk.lezen import canonical, parse, read
from gateway.network.ggk.schrijven import write
from tests.properties.profiel import examples

SIGNS = string.ascii_letters + string.digits + " -&<>'\"éß€𝄞"


def words(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(SIGNS, min_size=least, max_size=most).filter(lambda text: bool(text.strip()))


UUIDS = st.uuids(version=4).map(str)
FOUR = st.text(string.digits, min_size=4, max_size=4)
SYSTEMEN = st.builds(
    Systeem, words(1, 200), words(3, 50), st.none() | words(1, 50), st.none() | words(1, 100)
)
FOUTEN = st.builds(
    Fout,
    words(1, 7),
    words(1, 200),
    st.sampled_from(["client", "server"]),
    st.none() | words(1, 1000),
)
NAMES = st.text(string.ascii_letters + string.digits + "._-", min_size=4, max_size=255)


@st.composite
def heads(draw: st.DrawFn, berichtcode: str) -> Stuurgegevens:
    return Stuurgegevens(
        berichtcode=berichtcode,  # type: ignore[arg-type]
        zender=draw(SYSTEMEN),
        ontvanger=draw(SYSTEMEN),
        referentienummer=draw(UUIDS),
        tijdstip=draw(st.text(string.digits, min_size=8, max_size=17)),
        crossrefnummer=None if berichtcode == "Di01" else draw(UUIDS),
        functie=draw(words(1, 30)) if berichtcode in ("Di01", "Du01") else None,
    )


ENVELOPPEN = st.builds(
    Envelop,
    st.sampled_from(["Di01", "Du01"]).flatmap(heads),
    st.builds(Parameters, FOUR, FOUR, FOUR, FOUR),
    st.binary(min_size=4, max_size=300),
    st.none() | NAMES,
)
FOUTBERICHTEN = st.builds(Foutbericht, st.sampled_from(["Fo01", "Fo03"]).flatmap(heads), FOUTEN)
STUKKEN = ENVELOPPEN | FOUTBERICHTEN | st.builds(Bevestiging, heads("Bv03"))


@given(STUKKEN)
@examples(60)
def test_what_was_written_reads_the_same(stuk: Stuk) -> None:
    assert stuk == read(parse(write(stuk)))


@given(STUKKEN)
@examples(20)
def test_the_same_is_written_in_the_same_bytes(stuk: Stuk) -> None:
    assert write(stuk) == write(stuk)


@given(ENVELOPPEN, FOUTBERICHTEN)
@examples(20)
def test_a_fault_gives_back_what_it_is_about(envelop: Envelop, fout: Foutbericht) -> None:
    about = canonical(parse(write(envelop)))
    told = read(parse(write(replace(fout, origineel=about))))
    assert isinstance(told, Foutbericht)
    assert about == told.origineel
    assert envelop == read(parse(told.origineel or b""))


@given(ENVELOPPEN)
@examples(20)
def test_content_is_the_same_in_whatever_it_is_wrapped(envelop: Envelop) -> None:
    alone = parse(write(envelop))
    wrapped = parse(b'<a:x xmlns:a="urn:a">' + etree.tostring(alone) + b"\n</a:x>")[0]
    assert canonical(alone) == canonical(wrapped)
