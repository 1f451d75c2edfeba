"""Laws of proofs: groups never make up for each other, and a choice of groups is a part."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.sluiting.bewijs import Bewijs, Post, by_municipality, negative, summed

SLEUTELS = st.tuples(st.sampled_from(("0193", "0164")), st.sampled_from(("1", "2", "3")))
BEDRAGEN = st.dictionaries(SLEUTELS, st.integers(-10_000, 10_000))
POSTEN = st.lists(BEDRAGEN, min_size=1, max_size=3)


def proof(
    links: list[dict[tuple[str, str], int]], rechts: list[dict[tuple[str, str], int]]
) -> Bewijs:
    return Bewijs(
        code="proef",
        wat="links is rechts",
        links=[Post(f"l{n}", dict(one)) for n, one in enumerate(links)],
        rechts=[Post(f"r{n}", dict(one)) for n, one in enumerate(rechts)],
    )


@given(POSTEN, POSTEN)
def test_it_holds_where_every_group_is_the_same(links: list, rechts: list) -> None:  # type: ignore[type-arg]
    made = proof(links, rechts)
    left, right = (summed(p for one in side for p in one.items()) for side in (links, rechts))
    differs = {key for key in left.keys() | right.keys() if left.get(key, 0) != right.get(key, 0)}
    assert made.klopt == (not differs)
    assert differs == {one.sleutel for one in made.verschillen()}
    assert len(differs) == len(list(made.zinnen()))
    assert made.verschil == sum(abs(left.get(k, 0) - right.get(k, 0)) for k in differs)
    assert made.verschil >= abs(made.links_bedrag - made.rechts_bedrag)


@given(POSTEN)
def test_the_parts_of_a_proof_add_up_to_it(posten: list) -> None:  # type: ignore[type-arg]
    made = proof(posten, posten)
    assert made.klopt
    assert made.links_bedrag == sum(one.links for one in made.groepen())
    apart = [made.alleen(gemeente=one) for one in ("0193", "0164")]
    assert made.links_bedrag == sum(one.links_bedrag for one in apart)
    for one in made.groepen():
        own = made.alleen(gemeente=one.sleutel[0], aanbieder=one.sleutel[1])
        assert one.links == own.links_bedrag


@given(BEDRAGEN)
def test_amounts_keep_their_total(bedragen: dict) -> None:  # type: ignore[type-arg]
    assert sum(bedragen.values()) == sum(by_municipality(bedragen).values())
    assert 0 == sum(bedragen.values()) + sum(negative(bedragen).values())
