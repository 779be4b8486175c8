"""What only the console needs."""

from __future__ import annotations

from dishka import Provider, Scope, provide

from domain.ports import Clock, Entropy
from entrypoints.console.sessions import Sessions
from entrypoints.console.wrong_tokens import WrongTokens
from entrypoints.operators import operator_tokens
from entrypoints.settings import Settings


class ConsoleProvider(Provider):
    """Who may log in."""

    scope = Scope.APP
    wrong_tokens = provide(WrongTokens)

    @provide
    def sessions(self, settings: Settings, clock: Clock, entropy: Entropy) -> Sessions:
        return Sessions(operator_tokens(settings), clock, entropy)
