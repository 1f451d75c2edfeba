"""How many examples a law is shown on: the same few in every test run, or many new ones.

`make properties` sets PROPERTIES to how many times as many as in a test run are drawn.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("PROPERTIES", "1"))


def examples(few: int) -> settings:
    """Settings for a law that `few` examples show in a test run, always the same ones."""
    return settings(
        max_examples=few * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        print_blob=TIMES > 1,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.function_scoped_fixture,
        ],
    )
