"""What a policy is written as is read back as the same policy."""

from datetime import date

from gateway.deviations.beleidstekst import document_of, toml_of
from gateway.deviations.policy import Beleid, Ontheffing, beleid_of
from gateway.inlezen import load_texts

CHECKS = load_texts().checks
BELEID = Beleid(
    effects={"S101": "hold", "S105": "signal", "S110": "off"},
    controleplannen={"S105": 'deel "3" \\ een\ttab \x7f'},
    alarmdag=3,
    besluitdag=4,
    tweede_persoon_boven=0,
    bedenktijd=0,
    ontheffingen=(
        Ontheffing(
            check="S109",
            eigenaar="é",
            reden="regel\nregel",
            tot=date(2026, 3, 31),
            aanbieder="12345678",
        ),
        Ontheffing(
            check="S109", eigenaar="a", reden="b", tot=date(2026, 3, 31), toewijzingnummer=17
        ),
    ),
)


def test_a_policy_comes_back_as_it_was() -> None:
    for one in (BELEID, Beleid()):
        assert one == beleid_of(toml_of(document_of(one)), CHECKS)
