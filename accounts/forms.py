from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import guess_short_name
from core.addresses import normalize_address, one_line, validate_address
from core.time_zones import ABBREVIATIONS, AMBIGUOUS, zone_meant

REGIONS = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


@lru_cache
def zone_choices() -> list:
    """The zones people live in, grouped by region. Old spellings (US/Eastern) are understood but not offered."""
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    groups = groupby(names, key=lambda name: name.partition("/")[0])
    cities = [(region, [(name, _city(name)) for name in members]) for region, members in groups]
    return [*cities, (_("Elsewhere"), [("UTC", "UTC")])]


def _city(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")


class ZoneField(forms.ChoiceField):
    """A time zone: nothing is preset but by the browser, to its own; the person confirms by saving."""

    def __init__(self, **kwargs):
        super().__init__(choices=self._choices, label=kwargs.pop("label", _("Your time zone")), **kwargs)
        self.widget.attrs["data-guess-zone"] = ""

    @staticmethod
    def _choices() -> list:
        return [("", _("Choose your time zone")), *zone_choices()]

    def to_python(self, value) -> str:
        """An abbreviation from an old browser becomes the zone whose clocks change."""
        value = super().to_python(value)
        return zone_meant(value) if value.lower() in ABBREVIATIONS else value

    def valid_value(self, value) -> bool:
        return value in available_timezones() and value.lower() not in AMBIGUOUS


class AddressField(forms.EmailField):
    """An email address, in the form in which it is stored, however it was typed or pasted."""

    default_validators = [validate_address]

    def __init__(self, **kwargs):
        # Not type="email": browsers would refuse what is understood here, such as "Ada Lind <ada@example.org>".
        widget = forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"})
        super().__init__(**{"widget": widget} | kwargs)

    def to_python(self, value):
        return normalize_address(super().to_python(value))


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
        super().__init__(**{"label": _("Your name"), "max_length": 200, "widget": widget} | kwargs)

    def to_python(self, value):
        """Keep a name on one line: it appears in the subjects and sentences of text emails."""
        return one_line(super().to_python(value))


class ShortNameField(NameField):
    """What to call somebody. Left as guessed, or emptied, it follows the name."""

    def __init__(self, **kwargs):
        widget = forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"})
        words = {"label": _("What should we call you?"), "help_text": _("Your partner and our emails call you this.")}
        super().__init__(**{"required": False, "max_length": 80, "widget": widget} | words | kwargs)


class NewPasswordField(forms.CharField):
    """A password being chosen: pasting allowed, spaces kept, the rules said beforehand."""

    def __init__(self, **kwargs):
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(**{"strip": False, "widget": widget, "help_text": _("At least 10 characters.")} | kwargs)


def refuse_weak(form: forms.Form, field: str, person: User) -> None:
    """Hold the password in `field` to AUTH_PASSWORD_VALIDATORS; `person` must not be guessable from it."""
    try:
        validate_password(form.cleaned_data[field], person)
    except forms.ValidationError as error:
        form.add_error(field, error)


class PreferencesForm(forms.ModelForm):
    name = NameField()
    short_name = ShortNameField()
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
            "zone",
            "works_from",
            "works_until",
            "workdays",
            "clock",
            "theme",
            "single_keys",
        ]
        labels = {"works_from": _("Working hours from"), "works_until": _("until")}
        widgets = {
            "works_from": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "works_until": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "clock": forms.RadioSelect,
            "theme": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["short_name"] = self.instance.short_name or guess_short_name(self.instance.name)
        stored = self.instance.zone
        if self.instance.zone_confirmed_at:
            self.fields["zone"].widget.attrs["data-guess-zone"] = "confirmed"
        if stored not in _offered():
            self.fields["zone"].choices = [(_("As now"), [(stored, stored)]), *zone_choices()]

    def clean_short_name(self) -> str:
        return self.cleaned_data["short_name"] if "short_name" in self.changed_data else self.instance.short_name

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("works_from"), cleaned.get("works_until")
        if start and end and start >= end:
            self.add_error("works_until", _("Working hours end later on the day than they begin."))
        return cleaned

    def save(self, commit=True):
        """Saving this page is how a person confirms their time zone."""
        self.instance.zone_confirmed_at = self.instance.touched_at = timezone.now()
        return super().save(commit)


class DaysOffForm(forms.Form):
    """A holiday: one day, or from one to another. `save` keeps what is still to come."""

    MOST, LONGEST = 40, timedelta(days=366)

    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(
        label=_("until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: that one day."),
    )

    def __init__(self, *args, person: User, **kwargs):
        self.person = person
        super().__init__(*args, **kwargs)

    def clean(self):
        said = super().clean()
        first, last = said.get("first"), said.get("last") or said.get("first")
        if first and last:
            if last < first:
                self.add_error("last", _("That is before the first day."))
            elif last < self.person.today():
                self.add_error("first", _("Those days are over already."))
            elif last - first > self.LONGEST:
                self.add_error("last", _("That is more than a year. Please check the dates."))
            elif len(coming_days_off(self.person)) >= self.MOST:
                self.add_error("first", _("That is more than we can keep. Remove some first."))
            said["last"] = last
        return said

    def save(self) -> None:
        said = self.cleaned_data
        days = [*coming_days_off(self.person), (said["first"], said["last"])]
        self.person.set_days_off(days)


def coming_days_off(person: User) -> list[tuple[date, date]]:
    """What is not over yet, soonest first."""
    days = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in person.days_off]
    return sorted(day for day in days if day[1] >= person.today())


@lru_cache
def _offered() -> frozenset:
    return frozenset(name for _region, members in zone_choices() for name, _label in members)


class SignupForm(forms.Form):
    """What an open installation asks besides address and password; django-allauth builds its form on this."""

    name = NameField()
    field_order = ["name", "email", "password1"]

    def signup(self, request, user) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name", "folded_name"])
