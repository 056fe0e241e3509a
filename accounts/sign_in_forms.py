"""The forms of django-allauth that ask for an address, which read it as every other form does."""

from allauth.account import forms

from accounts.forms import AddressField


class ReadsAddress:
    """Mixin: the address field is an AddressField."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("login", "email"):
            if theirs := self.fields.get(name):
                self.fields[name] = AddressField(label=theirs.label, required=theirs.required)


class LoginForm(ReadsAddress, forms.LoginForm):
    pass


class RequestLoginCodeForm(ReadsAddress, forms.RequestLoginCodeForm):
    pass


class ResetPasswordForm(ReadsAddress, forms.ResetPasswordForm):
    pass


class SignupForm(ReadsAddress, forms.SignupForm):
    pass
