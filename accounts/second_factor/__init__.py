"""The second factor: an authenticator app or passkeys, with recovery codes, through `allauth.mfa`.

`User.has_second_factor` is True for people who have one. It is kept by `signals`, so that no page needs a query for it.
Who must have one, and what stays closed until then: `mentoring/second_factor.py`.
"""
