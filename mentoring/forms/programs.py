from datetime import timedelta

from django import forms
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import LanguageField, NameField, NewPasswordField, ShortNameField, ZoneField, validate_new_password
from accounts.models import AuditEvent, Installation
from accounts.names import guess_short_name
from core.folding import folded
from core.http import whole_number
from core.merging_forms import MergingModelForm
from core.widgets import DateInput
from mentoring import invitations
from mentoring.models import Agreement, Enrollment, Pair, Program, add_pairs_now
from mentoring.proposals import conflicts_of

LONGEST = timedelta(days=3653)


class ProgramForm(forms.ModelForm):
    zone = ZoneField(
        label=_("Time zone"),
        required=False,
        help_text=_("The program starts and ends at midnight in this time zone."),
    )

    class Meta:
        model = Program
        fields = [
            "name",
            "starts_on",
            "ends_on",
            "zone",
            "cadence",
            "minutes",
            "most_mentees",
            "mentees_choose",
            "open_until",
        ]
        widgets = {
            "starts_on": DateInput,
            "ends_on": DateInput,
            "open_until": DateInput,
            "name": forms.TextInput(attrs={"dir": "auto"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if isinstance(self.fields.get("zone"), ZoneField):
            del self.fields["zone"].widget.attrs["data-guess-zone"]  # the program's time zone, not the user's
        if "most_mentees" in self.fields:
            self.fields["most_mentees"].required = False  # left empty, it does not change

    def clean_zone(self) -> str:
        return self.cleaned_data["zone"] or self.initial.get("zone") or self.instance.zone

    def clean_most_mentees(self) -> int:
        return self.cleaned_data["most_mentees"] or self.instance.most_mentees

    def clean(self):
        cleaned = super().clean()
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("Enter an end date after the start date."))
        elif starts_on and ends_on and ends_on - starts_on > LONGEST:
            self.add_error("ends_on", _("A program can last ten years at most. Check the year."))
        return cleaned


class ProgramEditForm(MergingModelForm, ProgramForm):
    """Changes to a program; a new end date asks what happens to its current pairs."""

    MOVE, KEEP = "along", "keep"

    pairs_end = forms.ChoiceField(
        label=_("What happens to the current pairs?"), required=False, widget=forms.RadioSelect
    )
    sure_end = forms.CharField(required=False, widget=forms.HiddenInput)
    language = LanguageField(
        label=_("Language of the program"),
        widget=forms.Select,
        help_text=_(
            "Suggested agendas, questions and topic packs use this language; people read the rest in their own."
        ),
    )

    class Meta(ProgramForm.Meta):
        fields = [*ProgramForm.Meta.fields, "language"]

    merged = Meta.fields

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if len(settings.LANGUAGES) == 1:
            del self.fields["language"]
            self.merged = ProgramForm.Meta.fields
        self.asks_about_pairs = False
        self.fields["pairs_end"].choices = [
            (self.MOVE, _("They end on the new date too")),
            (self.KEEP, _("They keep their end date")),
        ]

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or self.instance.language

    def clean(self):
        cleaned = super().clean()
        program, ends_on, before = self.instance, cleaned.get("ends_on"), self.initial["ends_on"]
        if not self.errors and ends_on != before:
            running = program.pairs.active().count()
            if ends_on < program.today():
                self._clean_past_end(ends_on, running)
            elif program.pairs_to_move(before, ends_on).exists() and not cleaned.get("pairs_end"):
                self.asks_about_pairs = True
                n = program.pairs_to_move(before, ends_on).count()
                message = ngettext(
                    "%(n)d current pair has another end date. Choose below whether it changes.",
                    "%(n)d current pairs have another end date. Choose below whether it changes.",
                    n,
                )
                self.add_error("pairs_end", message % {"n": n})
        return cleaned

    def _clean_past_end(self, ends_on, running: int) -> None:
        if running:
            message = ngettext(
                "%(n)d pair has not ended. Choose today or a later date, or end the pair first.",
                "%(n)d pairs have not ended. Choose today or a later date, or end the pairs first.",
                running,
            )
            self.add_error("ends_on", message % {"n": running})
        elif self.cleaned_data.get("sure_end") != ends_on.isoformat():
            self.data = self.data.copy()
            self.data["sure_end"] = ends_on.isoformat()
            self.add_error("ends_on", _("This date is past, so nobody can be paired. Save again to confirm."))

    def store(self, by) -> None:
        """Save the changes. Raises Conflict if another admin saved at the same moment."""
        before, ends_on = self.initial["ends_on"], self.cleaned_data["ends_on"]
        with transaction.atomic():
            self.save_changes()
            AuditEvent.record(by, AuditEvent.Action.PROGRAM_CHANGED, self.instance)
            if ends_on != before and self.cleaned_data.get("pairs_end") == self.MOVE:
                self.instance.move_pairs(by, before, ends_on)


class PairEndForm(MergingModelForm):
    """The end date of a running pair."""

    class Meta:
        model = Pair
        fields = ["ends_on"]
        widgets = {"ends_on": DateInput}

    def clean_ends_on(self):
        ends_on, today = self.cleaned_data["ends_on"], self.instance.program.today()
        if ends_on < today:
            raise forms.ValidationError(
                _("This date is in the past. Choose today or a later date, or end the pair now.")
            )
        if ends_on - self.instance.started_on > LONGEST:
            raise forms.ValidationError(_("A pair can last ten years at most. Check the year."))
        return ends_on

    def store(self, by) -> None:
        with transaction.atomic():
            if self.save_changes():
                self.instance.touch()
                AuditEvent.record(by, AuditEvent.Action.PAIR_END_DATE_CHANGED, self.instance)


class MessageField(forms.CharField):
    """The admin's personal message in an invitation."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Personal message in the invitation"))
        kwargs.setdefault("help_text", _("Optional. It appears in the email above the link."))
        widget = forms.Textarea(attrs={"rows": 4, "dir": "auto"})
        super().__init__(required=False, max_length=1000, widget=widget, **kwargs)


class InviteLaterForm(forms.Form):
    message = MessageField()
    sure = forms.CharField(widget=forms.HiddenInput, initial="1")


class InviteForm(forms.Form):
    role = forms.ChoiceField(label=_("Invite as"), choices=Enrollment.Role)
    people = forms.CharField(
        label=_("People"),
        help_text=_("One person per line: name, email address."),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "placeholder": "Ada Lind, ada@example.org"}),
    )

    message = MessageField()

    def clean_people(self) -> list[tuple[str, str]]:
        return invitations.read_people(self.cleaned_data["people"])


class JoinForm(forms.Form):
    """What a newcomer enters to join; the name is filled in."""

    name = NameField()
    short_name = ShortNameField()
    password = NewPasswordField(label=_("Choose a password"))
    zone = ZoneField()

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.initial["short_name"] = guess_short_name(person.name)
        if Installation.email_is_on():
            self.fields["password"].required = False
            self.fields["password"].help_text = _("Or leave it empty: we email you a code each time you sign in.")

    def clean_short_name(self) -> str:
        return self.cleaned_data["short_name"] if "short_name" in self.changed_data else ""

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password"):
            validate_new_password(self, "password", self.person)
        return cleaned


class TypedPersonField(forms.CharField):
    """One person of many, by email address or by a part of their name."""

    NAMED = 5  # people in an error

    def __init__(self, people, **kwargs):
        super().__init__(help_text=_("Enter a name or an email address."), **kwargs)
        self.people = people

    def clean(self, value) -> Enrollment:
        text = super().clean(value)
        people = self.people.search(text).select_related("user").order_by("name_here", "pk")
        exact = people.filter(Q(user__email=text.lower()) | Q(name_here=folded(text)))
        found = list(exact[: self.NAMED + 1] or people[: self.NAMED + 1])
        if not found:
            raise forms.ValidationError(_("No results for “%(asked)s”."), params={"asked": text})
        if len(found) > 1:
            names = [f"{row.shown_name} ({row.user.email})" for row in found[: self.NAMED]]
            message = _("Several people have “%(asked)s” in their name or address. Enter the whole address: %(names)s")
            names = ", ".join([*names, *["…"][: len(found) - self.NAMED]])
            raise forms.ValidationError(message, params={"asked": text, "names": names})
        return add_pairs_now(found)[0]


class PairForm(forms.Form):
    """A new pair; beyond a mentor's capacity or against a matching rule, the form asks for confirmation."""

    mentor = forms.ModelChoiceField(Enrollment.objects.none(), label=_("Mentor"))
    mentee = forms.ModelChoiceField(Enrollment.objects.none(), label=_("Mentee"))
    anyway = forms.BooleanField(label=_("Pair them anyway"), required=False, widget=forms.HiddenInput)

    LISTED = 100  # of each role; of more people, the name or address is typed

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        for role, label in ((Enrollment.Role.MENTOR, _mentor_label), (Enrollment.Role.MENTEE, _mentee_label)):
            people = program.enrollments.pairable().filter(role=role)
            listed = list(people.values_list("pk", flat=True)[: self.LISTED + 1])
            if len(listed) > self.LISTED:
                chosen = people.select_related("user").filter(pk=whole_number(str(self.initial.get(role, "")))).first()
                self.initial[role] = chosen.user.email if chosen else ""
                self.fields[role] = TypedPersonField(people, label=self.fields[role].label)
            else:
                rows = program.enrollments.filter(pk__in=listed).with_pairs(role).with_shown_name()
                rows = rows.order_by("pairs_now", "name_here", "pk")
                self.fields[role].queryset, self.fields[role].label_from_instance = rows.select_related("user"), label

    def clean(self):
        cleaned = super().clean()
        mentor, mentee = cleaned.get("mentor"), cleaned.get("mentee")
        if mentor and not cleaned.get("anyway"):
            against = conflicts_of(mentor, mentee) if mentee and mentee.user_id != mentor.user_id else []
            if mentor.pairs_now >= mentor.capacity:
                message = _("%(name)s already has %(now)s of at most %(most)s mentees.")
                against.append(message % {"name": mentor.shown_name, "now": mentor.pairs_now, "most": mentor.capacity})
            if against:
                self.fields["anyway"].widget = forms.CheckboxInput()
                self.add_error("anyway", [*against, _("Check the box to confirm.")])
        return cleaned


def _mentor_label(enrollment: Enrollment) -> str:
    label = (
        _("%(name)s (%(now)s of %(most)s mentees)")
        if enrollment.accepted_at
        else _("%(name)s (%(now)s of %(most)s mentees, invited)")
    )
    return label % {"name": enrollment.shown_name, "now": enrollment.pairs_now, "most": enrollment.capacity}


def _mentee_label(enrollment: Enrollment) -> str:
    if enrollment.pairs_now:
        return _("%(name)s (has a mentor)") % {"name": enrollment.shown_name}
    return _("%(name)s (no mentor yet)") % {"name": enrollment.shown_name}


class AgreementForm(forms.ModelForm):
    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Agreement
        fields = [
            "purpose",
            "cadence",
            "minutes",
            "channel",
            "reply_days",
            "move_hours",
            "norms",
            "feedback_style",
            "feedback_place",
            "confidentiality",
            "ending",
        ]
        widgets = {
            name: forms.Textarea(attrs={"rows": 3, "dir": "auto"})
            for name in ("purpose", "norms", "confidentiality", "ending")
        } | {"channel": forms.TextInput(attrs={"dir": "auto"})}

    def terms(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
