"""Large libraries are imported on first use: most processes never need them, and each would hold their memory."""

from importlib import import_module

from django.utils.functional import SimpleLazyObject


def lazy_module(name: str) -> SimpleLazyObject:
    """Return a stand-in for a module, which is imported when one of its names is first used."""
    return SimpleLazyObject(lambda: import_module(name))
