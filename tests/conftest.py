"""What all tests share: how many examples Hypothesis tries, and that it never times out on a busy machine."""

import os

from hypothesis import HealthCheck, settings

# A slow machine is no defect of a reader, so no deadline. Reader fuzz tests ask for their 1,000 examples themselves.
settings.register_profile("default", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), max_examples=1000, derandomize=True)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
