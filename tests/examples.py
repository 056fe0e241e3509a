"""How many examples a property test takes whose every example writes to the database."""

from hypothesis import settings as hypothesis_settings

_PROFILE = hypothesis_settings.get_current_profile_name()


def with_database(in_a_release: int, usual: int = 15) -> int:
    """Return the number for this run: few in the usual run, as each takes as long as a test."""
    return in_a_release if _PROFILE == "release" else usual
