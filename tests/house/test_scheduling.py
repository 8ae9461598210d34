"""Workers share the tests out so that one shop is enough."""

from __future__ import annotations

from tests.house.scheduling import scope_of


def test_browser_tests_and_mutants_stay_together_and_all_others_go_alone() -> None:
    first, second = "tests/e2e/test_gifts.py::test_a", "tests/e2e/test_looks.py::test_b[x]"
    other, another = "tests/house/test_up.py::test_a", "tests/house/test_up.py::test_b"
    mutant = "tests/simulation/test_mutants.py::test_a_mutant_is_noticed[a]"
    assert scope_of(first) == scope_of(second)
    assert scope_of(mutant) == scope_of(mutant.replace("[a]", "[b]"))
    assert len({scope_of(one) for one in (first, mutant, other, another)}) == 4
