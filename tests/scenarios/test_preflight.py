"""The quick checks, when all is well and when it is not."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from profiles import fontana
from scenarios import preflight


def test_all_checks_pass_and_write_nothing(tmp_path: Path) -> None:
    found = list(preflight.checks(tmp_path / "results"))
    assert [check.name for check in found] == ["data", "planner", "step", "results"]
    assert [check.text for check in found if not check.ok] == []
    assert "9 homes" in found[0].text
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_fails_says_why_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    whole = fontana.read(60)
    monkeypatch.setattr(fontana, "read", lambda *_: whole.without_pv([1]))
    idle = SimpleNamespace(plan=lambda *_: (np.zeros((1, 2)), None, None))
    monkeypatch.setattr(preflight, "planning", idle)
    found = {check.name: check for check in preflight.checks(tmp_path / "file")}
    assert [name for name, check in found.items() if not check.ok] == [
        "data",
        "planner",
        "results",
    ]
    assert "PV sums to 49706.7 kWh instead of 56919.2" in found["data"].text
    assert "[0.0, 0.0] kWh instead of [5.0, -5.0]" in found["planner"].text
    assert "is a file" in found["results"].text
    assert all("\n" not in check.text for check in found.values())
