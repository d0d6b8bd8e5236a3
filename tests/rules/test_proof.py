"""Proof of air: what figures come to, in a word."""

import pytest

from station.rules.proof import UNVERIFIED, Proof, Verdict


@pytest.mark.parametrize(
    ("proof", "verdict"),
    [
        (UNVERIFIED, Verdict.UNVERIFIED),
        (Proof(500, match=1, level=0), Verdict.UNVERIFIED),
        (Proof(10_000, match=0.9, level=-3), Verdict.HEARD),
        (Proof(10_000, match=0.2, level=-3), Verdict.OTHER),
        (Proof(10_000, match=0.2, level=-60), Verdict.SILENT),
    ],
)
def test_a_proof_in_a_word(proof: Proof, verdict: Verdict) -> None:
    assert proof.verdict is verdict


def test_what_was_proven_before_an_interruption_counts() -> None:
    before, after = Proof(3_000, match=1, level=-2, late=4), Proof(1_000, match=0.6, level=-6, late=0)
    assert before.plus(after) == Proof(4_000, match=0.9, level=-3, late=3)
    assert before.plus(UNVERIFIED) == UNVERIFIED.plus(before) == before
