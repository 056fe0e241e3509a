"""The rows of the access table for accounts and signing in (see tests/access.py)."""

from tests.audiences import ANYONE, MEMBERS, NOBODY, NOWHERE, Row

TABLE: dict[str, Row] = {
    "your_data": Row(get=MEMBERS),
    "your_data_download": Row(get=None, post=MEMBERS),
    "account_close": Row(get=None, post=MEMBERS),
    "account_erase": Row(get=None, post=MEMBERS),
    "account_keep": Row(get=None, post=MEMBERS),
    "preferences": Row(MEMBERS, MEMBERS),
    "email_resume": Row(None, MEMBERS),
    "sign_in_list": Row(MEMBERS),
    "sign_in_end": Row(None, MEMBERS, args=(1,)),  # what is not theirs is left alone; test_sign_ins.py
    "sign_in_end_others": Row(None, MEMBERS),
    "single_sign_on": Row(None, NOWHERE),  # with a provider: test_single_sign_on.py
    "single_sign_on_callback": Row(NOWHERE),
    "single_sign_on_confirm": Row(NOBODY, NOBODY),
    "single_sign_on_saml": Row(None, NOWHERE),  # with a provider: test_saml.py
    "single_sign_on_metadata": Row(NOWHERE),
    "mfa_index": Row(MEMBERS),
    "mfa_activate_totp": Row(MEMBERS, MEMBERS),
    "mfa_add_webauthn": Row(MEMBERS, MEMBERS),
    "second_factor_required": Row(MEMBERS),
    "days_off_add": Row(None, MEMBERS, data={"first": "2099-12-24"}),
    "days_off_remove": Row(None, MEMBERS, data={"days": "2099-12-24/2099-12-24"}),
    "who_can_see_what": Row(ANYONE),
    "styleguide": Row(NOWHERE),
    "outbox_list": Row(NOWHERE),
    "outbox_detail": Row(NOWHERE, args=(1,)),
}
