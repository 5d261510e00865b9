"""How is a dataset built, and checked? Plan, units, pack, verify."""

from gazekit.build.config import BuildConfig
from gazekit.build.run import BuildResult, build
from gazekit.build.verify import verify_dataset

__all__ = ["BuildConfig", "BuildResult", "build", "verify_dataset"]
