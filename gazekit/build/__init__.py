"""How is a dataset built, and checked? Plan, units, pack, verify.

The package bears the name of its main function, and ``gazekit.build`` is that function to a user.
Importing a subpackage sets it on its parent, so the package itself can be called.
"""

import sys
from types import ModuleType

from gazekit.build.config import BuildConfig
from gazekit.build.erase import ErasedRows, erase, list_rows
from gazekit.build.erased import Subject
from gazekit.build.run import BuildResult, Running, build
from gazekit.build.tasks import Shard
from gazekit.build.verify import verify_dataset

__all__ = [
    "BuildConfig",
    "BuildResult",
    "ErasedRows",
    "Running",
    "Shard",
    "Subject",
    "build",
    "erase",
    "list_rows",
    "verify_dataset",
]


class _CallablePackage(ModuleType):
    """A package that stands for its function where it is called."""

    __call__ = staticmethod(build)


_this = sys.modules[__name__]
_this.__class__ = _CallablePackage
