"""Who may GET a URL and who may POST to it: the audiences and rows of the access table (access.py).

Audiences:

  ANYONE        also signed out
  MEMBERS       every signed-in person
  PAIR          both people of the pair
  MENTOR/MENTEE one of them
  ADMIN         the admins of the pair's program
  NOWHERE       not found for anybody in this world (pages of a demo or of development)
  None          that method is refused: 405
"""

from dataclasses import dataclass, field

ANYONE = frozenset({"anyone"})
ACTORS = (
    "anonymous",
    "mentee",
    "mentor",
    "other mentee",
    "other mentor",
    "admin",
    "other admin",
    "former mentee",
    "admin and mentor, mentee elsewhere",
    "deactivated",
    "superuser",
)
SIGNED_IN = frozenset(ACTORS) - {"anonymous", "deactivated"}
MEMBERS = SIGNED_IN
MENTOR, MENTEE = frozenset({"mentor"}), frozenset({"mentee"})
PAIR = MENTOR | MENTEE
ADMIN = frozenset({"admin", "admin and mentor, mentee elsewhere"})
# Enrolled in program P: its people and its admins (a former pair leaves one enrolled).
IN_P = PAIR | ADMIN | {"other mentee", "other mentor", "former mentee"}
# Those of them who are mentor or mentee there.
IN_A_PAIR_OF_P = IN_P - {"admin"}
MENTEES_OF_P = frozenset({"mentee", "other mentee", "former mentee"})
# The mentors and admins of program P.
MENTORS_PAGE = MENTOR | ADMIN | {"other mentor"}
# Those of them who have a mentee there.
MENTORS_OF_P = MENTOR | {"other mentor", "admin and mentor, mentee elsewhere"}
NOBODY = frozenset()
NOWHERE = frozenset({"nowhere"})
STARTS_PROGRAMS = ADMIN | {"other admin", "superuser"}


@dataclass(frozen=True)
class Row:
    """The access of one URL: its arguments, by name in `World.rows`, and who may GET and POST."""

    get: frozenset | None
    post: frozenset | None = None
    args: tuple = ()
    data: dict = field(default_factory=dict)


# URLs of django-allauth, which has its own tests; some of them redirect people who are signed in, or need a factor
# that nobody in this world has (tests/accounts/test_second_factor.py).
ALLAUTH = frozenset(
    {
        "account_login",
        "account_logout",
        "account_signup",
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_confirm_email",
        "account_email_verification_sent",
        "account_email",
        "account_change_password",
        "account_set_password",
        "account_reauthenticate",
        "account_request_login_code",
        "account_confirm_login_code",
        "mfa_deactivate_totp",
        "mfa_list_webauthn",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
        "recovery_codes_download",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_login_webauthn",
    }
)

# Asked with a token: tests/api/test_rights.py and tests/operations/test_scim.py.
BY_TOKEN = frozenset({"api", "scim"})
