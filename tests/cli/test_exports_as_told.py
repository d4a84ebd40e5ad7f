"""What is said of a CRM's export on the command line reaches who reads it."""

from __future__ import annotations

from pathlib import Path

from .conftest import Run
from .test_exports import salesforce

__all__ = ["salesforce"]


def test_a_crm_is_looked_at_as_it_was(run: Run, salesforce: Path) -> None:
    ran = run("check", salesforce, "--crm", "salesforce", "--zone", "Europe/Paris", "--as-of", "2026-01-02")
    assert "2\N{NO-BREAK SPACE}cases" in ran.out, ran.err


def test_the_mapping_that_is_named_is_read(run: Run, salesforce: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('zone = "Europe/Paris"\nzon = "Europe/Paris"\n', encoding="utf-8")
    ran = run("check", salesforce, "--crm", "salesforce", "--map", mapping)
    assert ran.code == 2
    assert "a mapping has no such key" in ran.err
