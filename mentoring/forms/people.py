"""People of a program: a file of them, what its columns are, and what one of them brings and wants."""

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import AddressField
from accounts.models import User
from mentoring import columns, tables
from mentoring.models import Enrollment, ImportRun, MatchRequest, NeverPair, Profile, Program

ROLES = [
    ("", _("none: each line says it")),
    *((r.value, r.label) for r in (Enrollment.Role.MENTEE, Enrollment.Role.MENTOR)),
]


class ImportForm(forms.Form):
    """A CSV, text or XLSX file with one person in each line."""

    file = forms.FileField(
        label=_("A file with one person in each line"),
        help_text=_(
            "CSV, text or XLSX, up to 5 MB and 5,000 people. Nothing is changed before you have seen what would be."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    role = forms.ChoiceField(label=_("Role of those who have none in the file"), choices=ROLES, required=False)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > tables.MOST_BYTES:
            raise forms.ValidationError(_("This file is larger than 5 MB. Save only the people, or split it."))
        try:
            self.table = tables.read(file.name, file.read(), columns.field_of)
        except tables.Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        return file

    def look_at(self, program: Program, by) -> ImportRun:
        return ImportRun.objects.create(
            program=program,
            by=by,
            file_name=self.cleaned_data["file"].name[:200],
            table=self.table.as_data(),
            columns=columns.guess(self.table.headings),
            role=self.cleaned_data["role"],
            total=len(self.table.rows),
        )


class ColumnsForm(forms.Form):
    """Which column of the file is what."""

    def __init__(self, *args, run: ImportRun, **kwargs):
        super().__init__(*args, **kwargs)
        self.run = run
        headings = run.table.get("headings", [])
        choices = [("", _("not in the file"))]
        choices += [(str(n), heading[:60] or _("column %(n)s") % {"n": n + 1}) for n, heading in enumerate(headings)]
        for name, label in columns.FIELDS.items():
            chosen = run.columns.get(name)
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, required=name == "email", initial="" if chosen is None else str(chosen)
            )
        self.fields["role_of_all"] = forms.ChoiceField(
            label=_("Role of those who have none in the file"), choices=ROLES, required=False, initial=run.role
        )

    def save(self) -> None:
        said = dict(self.cleaned_data)
        role = said.pop("role_of_all")
        chosen = {name: int(at) for name, at in said.items() if at}
        waits = ImportRun.objects.filter(pk=self.run.pk, state__in=(ImportRun.State.LOOKED_AT, ImportRun.State.REFUSED))
        waits.update(columns=chosen, role=role, state=ImportRun.State.LOOKED_AT)


class ThingsField(forms.CharField):
    """A list, one thing in each line or divided by commas."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}), **kwargs
        )

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        return columns.things(super().clean(value))


class ProfileForm(forms.ModelForm):
    """What a person brings and wants; also filled by an admin, for somebody who does not."""

    wants = ThingsField(label=_("What would you like to learn?"), help_text=_("One thing in each line."))
    offers = ThingsField(label=_("What can you help others with?"), help_text=_("One thing in each line."))
    interests = ThingsField(label=_("What else are you interested in?"))
    languages = ThingsField(label=_("Which languages do you speak?"))
    manager_email = AddressField(
        label=_("Your manager’s email"), required=False, help_text=_("So that the two of you are not paired.")
    )
    capacity = forms.IntegerField(label=_("How many mentees can you take at most?"), min_value=1, max_value=3)

    class Meta:
        model = Profile
        fields = ["wants", "offers", "style", "languages", "interests", "team"]

    field_order = ["wants", "offers", "style", "languages", "interests", "team", "capacity", "manager_email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        profile = self.instance
        self.mentoring = (
            Enrollment.objects.here().filter(program=profile.program_id, user=profile.user_id, role="mentor").first()
        )
        if self.mentoring:
            self.fields["capacity"].initial = self.mentoring.capacity
        else:
            del self.fields["capacity"]
        self.fields["manager_email"].initial = profile.manager.email if profile.manager else ""

    def clean_manager_email(self):
        address = self.cleaned_data["manager_email"]
        if not address:
            return None
        here = Enrollment.objects.filter(program=self.instance.program_id).values("user")
        manager = User.objects.filter(email=address, pk__in=here).first()
        if manager is None:
            raise forms.ValidationError(
                _("Nobody with this address is here. Leave it empty if your manager takes no part.")
            )
        if manager.pk == self.instance.user_id:
            raise forms.ValidationError(_("That is your own address."))
        return manager

    def store(self) -> Profile:
        profile = self.instance
        profile.manager, profile.changed_at = self.cleaned_data["manager_email"], timezone.now()
        with transaction.atomic():
            profile.save()
            if self.mentoring:
                Enrollment.objects.filter(pk=self.mentoring.pk).update(capacity=self.cleaned_data["capacity"])
                MatchRequest.settle(profile.program)
        return profile


class NeverPairForm(forms.Form):
    """Somebody with whom a person does not want to be paired; never shown to that person, never given as a reason."""

    other = forms.ModelChoiceField(User.objects.none(), label=_("With whom do you not want to be paired?"))

    def __init__(self, *args, program: Program, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.program, self.user = program, user
        here = Enrollment.objects.here().filter(program=program).exclude(role=Enrollment.Role.ADMIN).values("user")
        self.fields["other"].queryset = User.objects.filter(pk__in=here).exclude(pk=user.pk).order_by("name", "pk")

    def save(self, by) -> None:
        NeverPair.objects.get_or_create(
            program=self.program, user=self.user, other=self.cleaned_data["other"], defaults={"by": by}
        )
