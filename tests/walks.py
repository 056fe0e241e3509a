"""Which pages a walk over all pages opens as whom."""

from hypothesis import settings as hypothesis_settings

from tests.access import TABLE
from tests.audiences import Row

IN_A_RELEASE = hypothesis_settings.get_current_profile_name() == "release"
DIFFERENT_FOR_THE_MENTOR = {
    *("home", "pair_detail", "program_detail", "progress", "session_list", "commitment_list", "inbox_list"),
    *("session_prepare", "session_detail", "session_live", "session_wrap_up", "session_recap", "check_in"),
}


def rows_of(actor: str, method: str = "get") -> dict[str, Row]:
    """Return the rows whose pages this actor may read (or post to), for walks over all pages.

    In the usual run a page that looks the same for the mentee and the mentor is left to the mentee.
    """
    allowed = {name: getattr(row, method) for name, row in TABLE.items() if getattr(row, method)}
    mine = {name for name, actors in allowed.items() if actors & {actor, "anyone"}}
    if actor == "mentor" and not IN_A_RELEASE:
        mine = {name for name in mine if name in DIFFERENT_FOR_THE_MENTOR or not allowed[name] & {"mentee", "anyone"}}
    return {name: TABLE[name] for name in TABLE if name in mine}
