from datetime import date, timedelta
from functools import lru_cache

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.choices import BaseChoiceIterator
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import guess_short_name
from core.addresses import normalize_address, one_line, validate_address
from core.time_zones import ABBREVIATIONS, AMBIGUOUS, is_zone, parse_zone, zone_choices
from core.widgets import DateInput, LongSelect, TimeInput


class ZoneChoices(BaseChoiceIterator):
    """The time zones by region, to go through one by one; Django would check a list of them at each look."""

    def __iter__(self):
        yield "", _("Choose your time zone")
        yield from zone_choices()


class ZoneField(forms.ChoiceField):
    """Time zone field; the browser preselects its own zone, and saving the form confirms it."""

    widget = LongSelect

    def __init__(self, **kwargs):
        super().__init__(choices=ZoneChoices(), label=kwargs.pop("label", _("Your time zone")), **kwargs)
        self.widget.attrs["data-guess-zone"] = ""

    def to_python(self, value) -> str:
        """Convert abbreviations, which old browsers send, to the full zone name with daylight saving time."""
        value = super().to_python(value)
        return parse_zone(value) if value.lower() in ABBREVIATIONS else value

    def valid_value(self, value) -> bool:
        return is_zone(value) and value.lower() not in AMBIGUOUS


class AddressField(forms.EmailField):
    """Email field that normalizes the address as it is stored, however it was typed or pasted."""

    default_validators = [validate_address]

    def __init__(self, **kwargs):
        # Not type="email": browsers would reject input that we accept, such as "Ada Lind <ada@example.org>".
        widget = forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"})
        kwargs.setdefault("widget", widget)
        super().__init__(**kwargs)

    def to_python(self, value) -> str:
        return normalize_address(super().to_python(value) or "")


class AddressChangeForm(forms.Form):
    email = AddressField(label=_("New email address"))

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        if self.cleaned_data["email"] == self.user.email:
            raise forms.ValidationError(_("This is your address already."))
        return self.cleaned_data["email"]


class NameField(forms.CharField):
    def __init__(self, **kwargs):
        widget = forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"})
        kwargs.setdefault("label", _("Your name"))
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("widget", widget)
        super().__init__(**kwargs)

    def to_python(self, value) -> str:
        """Keep a name on one line: it appears in the subjects and sentences of text emails."""
        return one_line(super().to_python(value) or "")


class ShortNameField(NameField):
    """The name others see. If it is unchanged or empty, it is guessed from the full name."""

    def __init__(self, **kwargs):
        widget = forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"})
        words = {"label": _("What should we call you?"), "help_text": _("Your partner and our emails call you this.")}
        super().__init__(**{"required": False, "max_length": 80, "widget": widget} | words | kwargs)


class LanguageField(forms.ChoiceField):
    """One of the languages that this installation offers."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs):
        kwargs.setdefault("choices", lambda: settings.LANGUAGES)
        kwargs.setdefault("label", _("Language"))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)


class NewPasswordField(forms.CharField):
    """New password field: pasting works, spaces are kept, and the rules are shown up front."""

    def __init__(self, **kwargs):
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        kwargs.setdefault("strip", False)
        kwargs.setdefault("widget", widget)
        kwargs.setdefault("help_text", _("At least 10 characters."))
        super().__init__(**kwargs)


def validate_new_password(form: forms.Form, field: str, person: User) -> None:
    """Validate the password in `field` with AUTH_PASSWORD_VALIDATORS; it must not resemble the data of `person`."""
    try:
        validate_password(form.cleaned_data[field], person)
    except forms.ValidationError as error:
        form.add_error(field, error)


class PreferencesForm(forms.ModelForm):
    name = NameField()
    short_name = ShortNameField()
    language = LanguageField()
    zone = ZoneField()
    workdays = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = User
        fields = [
            "name",
            "short_name",
            "language",
            "zone",
            "works_from",
            "works_until",
            "workdays",
            "clock",
            "week_start",
            "theme",
            "single_keys",
        ]
        labels = {"works_from": _("Working hours from"), "works_until": _("until")}
        widgets = {
            "works_from": TimeInput(),
            "works_until": TimeInput(),
            "clock": forms.RadioSelect,
            "week_start": forms.RadioSelect,
            "theme": forms.RadioSelect,
            "single_keys": forms.CheckboxInput(attrs={"role": "switch"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["short_name"] = self.instance.short_name or guess_short_name(self.instance.name)
        self.initial["language"] = self.instance.spoken_language
        if len(settings.LANGUAGES) == 1:
            del self.fields["language"]
        stored = self.instance.zone
        if self.instance.zone_confirmed_at:
            self.fields["zone"].widget.attrs["data-guess-zone"] = "confirmed"
        if stored not in _offered():
            choices = [(_("Current"), [(stored, stored)]), *zone_choices()]
            self.fields["zone"].choices = choices  # type: ignore[attr-defined]  # to the stubs it may be any field

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or self.instance.language

    def clean_short_name(self) -> str:
        return self.cleaned_data["short_name"] if "short_name" in self.changed_data else self.instance.short_name

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        start, end = cleaned.get("works_from"), cleaned.get("works_until")
        if start and end and start >= end:
            self.add_error("works_until", _("Working hours must end after they start."))
        return cleaned

    def save(self, commit=True):
        """Save the preferences and mark the time zone as confirmed.

        Nothing else of the account is written: it may have been signed out, closed or erased at this moment.
        """
        person = super().save(commit=False)
        person.zone_confirmed_at = person.touched_at = timezone.now()
        if commit:
            person.save(update_fields=[*self.fields, "folded_name", "zone_confirmed_at", "touched_at"])
        return person


class DaysOffForm(forms.Form):
    """Form to add a day off or a range of days; `save` drops ranges that are already over."""

    MOST, LONGEST = 40, timedelta(days=366)

    first = forms.DateField(label=_("From"), widget=DateInput())
    last = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DateInput(),
        help_text=_("Leave empty for a single day."),
    )

    def __init__(self, *args, person: User, **kwargs):
        self.person = person
        super().__init__(*args, **kwargs)

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last") or cleaned.get("first")
        if first and last:
            if last < first:
                self.add_error("last", _("Enter a date on or after the first day."))
            elif last < self.person.today():
                self.add_error("first", _("Enter days that are not over yet."))
            elif last - first > self.LONGEST:
                self.add_error("last", _("Days off can last a year at most. Check the dates."))
            elif len(coming_days_off(self.person)) >= self.MOST:
                self.add_error("first", _("There are too many days off. Remove some first."))
            cleaned["last"] = last
        return cleaned

    def save(self) -> None:
        values = self.cleaned_data
        days = [*coming_days_off(self.person), (values["first"], values["last"])]
        self.person.set_days_off(days)


def coming_days_off(person: User) -> list[tuple[date, date]]:
    """Return the days off that are not over yet, earliest first."""
    days = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in person.days_off]
    return sorted(day for day in days if day[1] >= person.today())


@lru_cache
def _offered() -> frozenset:
    return frozenset(name for _region, members in zone_choices() for name, _label in members)


class SignupForm(forms.Form):
    """Extra sign-up fields with open registration; the base class of django-allauth's sign-up form."""

    name = NameField()
    field_order = ["name", "email", "password1"]

    def signup(self, request, user) -> None:
        user.name = self.cleaned_data["name"]
        user.speak(get_language())
        user.save(update_fields=["name", "folded_name", "language", "clock", "week_start"])
