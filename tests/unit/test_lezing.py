"""What occurs more than once in a message is found in parts, whatever the parts."""

from array import array
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline import lezing

HASHES = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-9, 9), max_size=60)


@given(HASHES, st.integers(1, 70))
def test_what_occurs_twice_is_found_in_any_number_of_parts(hashes: list[int], at_once: int) -> None:
    twice = {one for one, count in Counter(hashes).items() if count > 1}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lezing, "AT_ONCE", at_once)
        assert twice == lezing.repeated(array("q", hashes))
