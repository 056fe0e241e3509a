"""django-allauth forms with an email address, which they normalize like all other forms."""

from allauth.account import forms
from django.forms import Field

from accounts.forms import AddressField


class AddressFieldMixin:
    """Form mixin that replaces the email field with an AddressField."""

    fields: dict[str, Field]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("login", "email"):
            if theirs := self.fields.get(name):
                self.fields[name] = AddressField(label=theirs.label, required=theirs.required)


class LoginForm(AddressFieldMixin, forms.LoginForm):
    pass


class RequestLoginCodeForm(AddressFieldMixin, forms.RequestLoginCodeForm):
    pass


class ResetPasswordForm(AddressFieldMixin, forms.ResetPasswordForm):
    pass


class SignupForm(AddressFieldMixin, forms.SignupForm):
    pass
