"""How many examples a property test takes whose examples are slow, as most that write to the database are."""

from hypothesis import settings as hypothesis_settings

IN_A_RELEASE = hypothesis_settings.get_current_profile_name() == "release"


def slow_examples(in_a_release: int, usual: int = 15) -> int:
    """Return the number for this run: few in the usual run, and in a release what takes one to five minutes."""
    return in_a_release if IN_A_RELEASE else usual
