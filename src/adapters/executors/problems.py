"""What keeps an executor from starting."""

from __future__ import annotations


class ConfigurationProblem(ValueError):
    """Something that an operator must set right, in one line that says what to do."""
