"""What the table of groups names exists."""

from __future__ import annotations

import pytest

from tests.mutants.groups import EQUIVALENT, GROUPS, ROOT
from tests.mutants.operators import mutants


@pytest.mark.parametrize("path", sorted({path for path, _, _ in EQUIVALENT}))
def test_every_equivalent_change_is_still_one_of_those_tried(path: str) -> None:
    tried = {(path, mutant.before, mutant.after) for mutant in mutants(path, (ROOT / path).read_text(encoding="utf-8"))}
    assert {key for key in EQUIVALENT if key[0] == path} <= tried


@pytest.mark.parametrize("name", GROUPS)
def test_group_names_modules_and_tests_that_exist(name: str) -> None:
    group = GROUPS[name]
    assert all(any(ROOT.glob(glob)) for glob in group.modules)
    assert all((ROOT / path).exists() for path in group.tests)
