"""The way to air: each step from each state, and nobody approves what is their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.approval import STEPS, State, Step, after, check_approver, check_reason
from station.rules.trouble import Refused


@given(st.sampled_from(State), st.sampled_from(Step))
def test_every_step_leads_on_or_is_refused_in_a_sentence(state: State, step: Step) -> None:
    if (state, step) in STEPS:
        assert after(state, step, "Tin") is STEPS[state, step]
    else:
        with pytest.raises(Refused, match=r"^Tin: .*\.$"):
            after(state, step, "Tin")


def test_only_an_approval_leads_to_air_and_only_from_what_was_heard() -> None:
    to_air = {(state, step) for (state, step), leads in STEPS.items() if leads is State.APPROVED}
    assert to_air == {(State.DRAFT, Step.APPROVE), (State.WAITING, Step.APPROVE)}


def test_somebody_else_approves_unless_there_is_nobody_else() -> None:
    check_approver("Lan", "Hoa", "Tin", one_person=False)
    check_approver("Lan", "Lan", "Tin", one_person=True)
    with pytest.raises(Refused, match="khác người soạn"):
        check_approver("Lan", "Lan", "Tin", one_person=False)


def test_a_rejection_has_a_reason() -> None:
    assert check_reason(" Sai ngày. ", "Tin") == "Sai ngày."
    with pytest.raises(Refused, match="lý do"):
        check_reason("  ", "Tin")
