"""The one way in which an upper app plugs into a lower one: it registers a function, in AppConfig.ready()."""

from collections.abc import Callable
from typing import Any


class Hook:
    """A question that an app asks and that apps above it answer.

    `default` is the answer if no app is installed that answers.
    """

    def __init__(self, default: Callable[..., Any] = lambda *args: None):
        self._default = default
        self._functions: list[Callable[..., Any]] = []

    def register(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Add a function and return it, so that this works as a decorator. Adding it twice changes nothing."""
        if function not in self._functions:
            self._functions.append(function)
        return function

    def ask(self, *args) -> Any:
        """Return the answer of the function registered last."""
        return (self._functions or [self._default])[-1](*args)

    def ask_all(self, *args) -> list[Any]:
        """Return the answer of every registered function, in the order in which they were registered."""
        return [function(*args) for function in self._functions]
