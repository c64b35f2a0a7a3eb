"""What the wheel needs beyond the checkout: compiled translations."""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTranslations(BuildHookInterface[Any]):
    """Compiles the .po files before they are packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each wheel."""
        sys.path.insert(0, self.root)
        from eventreg.core.catalogues import compile_missing  # only importable now

        compile_missing()
