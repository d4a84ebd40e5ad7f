from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fast", max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """The folder of real logs, published by others, that some tests run on."""
    folder = os.environ.get("CRMUSAGE_REAL_LOGS")
    if folder is None:
        pytest.skip("CRMUSAGE_REAL_LOGS names no folder of real logs")
    return Path(folder)
