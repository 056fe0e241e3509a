from datetime import timedelta

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import NameField, NewPasswordField, ShortNameField, ZoneField, refuse_weak
from accounts.models import AuditEvent, Installation
from accounts.names import guess_short_name
from core.merging_forms import MergingModelForm
from mentoring import invitations
from mentoring.models import Agreement, Enrollment, Pair, Program
from mentoring.proposals import conflicts_of

LONGEST = timedelta(days=3653)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class ProgramForm(forms.ModelForm):
    zone = ZoneField(
        label=_("Time zone"),
        required=False,
        help_text=_("The dates of the program begin and end at midnight in this time zone."),
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
            "starts_on": DayInput,
            "ends_on": DayInput,
            "open_until": DayInput,
            "name": forms.TextInput(attrs={"dir": "auto"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if isinstance(self.fields.get("zone"), ZoneField):
            del self.fields["zone"].widget.attrs["data-guess-zone"]  # it is the program's, not the reader's
        if "most_mentees" in self.fields:
            self.fields["most_mentees"].required = False  # left empty it stays as it is

    def clean_zone(self) -> str:
        return self.cleaned_data["zone"] or self.initial.get("zone") or self.instance.zone

    def clean_most_mentees(self) -> int:
        return self.cleaned_data["most_mentees"] or self.instance.most_mentees

    def clean(self):
        cleaned = super().clean()
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", _("A program ends after it starts."))
        elif starts_on and ends_on and ends_on - starts_on > LONGEST:
            self.add_error("ends_on", _("A program lasts ten years at most. Please check the year."))
        return cleaned


class ProgramEditForm(MergingModelForm, ProgramForm):
    """A program that runs: only what this admin changed is stored, and another end is asked about."""

    ALONG, KEEP = "along", "keep"

    pairs_end = forms.ChoiceField(label=_("What about the pairs that run?"), required=False, widget=forms.RadioSelect)
    sure_end = forms.CharField(required=False, widget=forms.HiddenInput)

    merged = ProgramForm.Meta.fields

    class Meta(ProgramForm.Meta):
        pass

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asks_about_pairs = False
        self.fields["pairs_end"].choices = [
            (self.ALONG, _("They end on the new date, too")),
            (self.KEEP, _("They keep the end they have")),
        ]

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
                said = ngettext(
                    "%(n)d running pair has another end now. Choose below what becomes of it.",
                    "%(n)d running pairs have another end now. Choose below what becomes of them.",
                    n,
                )
                self.add_error("pairs_end", said % {"n": n})
        return cleaned

    def _clean_past_end(self, ends_on, running: int) -> None:
        if running:
            said = ngettext(
                "%(n)d pair still runs. Choose today or a later date, or end the pair first.",
                "%(n)d pairs still run. Choose today or a later date, or end the pairs first.",
                running,
            )
            self.add_error("ends_on", said % {"n": running})
        elif self.cleaned_data.get("sure_end") != ends_on.isoformat():
            self.data = self.data.copy()
            self.data["sure_end"] = ends_on.isoformat()
            self.add_error("ends_on", _("That day is over: nobody can be paired then. Save again if you mean it."))

    def store(self, by) -> None:
        """Raises Conflict where another admin was faster by a moment."""
        before, ends_on = self.initial["ends_on"], self.cleaned_data["ends_on"]
        with transaction.atomic():
            self.save_changes()
            AuditEvent.record(by, "program changed", self.instance)
            if ends_on != before and self.cleaned_data.get("pairs_end") == self.ALONG:
                self.instance.move_pairs(by, before, ends_on)


class PairEndForm(MergingModelForm):
    """On which day the time together of a running pair ends."""

    class Meta:
        model = Pair
        fields = ["ends_on"]
        widgets = {"ends_on": DayInput}

    def clean_ends_on(self):
        ends_on, today = self.cleaned_data["ends_on"], self.instance.program.today()
        if ends_on < today:
            raise forms.ValidationError(_("That day is over. Choose today or a later date, or end the pair now."))
        if ends_on - self.instance.started_on > LONGEST:
            raise forms.ValidationError(_("A pair lasts ten years at most. Please check the year."))
        return ends_on

    def store(self, by) -> None:
        with transaction.atomic():
            if self.save_changes():
                self.instance.touch()
                AuditEvent.record(by, "end of pair changed", self.instance)


class MessageField(forms.CharField):
    """The admin's own words in an invitation."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", _("Your own words in the invitation"))
        kwargs.setdefault("help_text", _("Optional. They appear in the email above the link."))
        widget = forms.Textarea(attrs={"rows": 4, "dir": "auto"})
        super().__init__(required=False, max_length=1000, widget=widget, **kwargs)


class InviteLaterForm(forms.Form):
    message = MessageField()
    sure = forms.CharField(widget=forms.HiddenInput, initial="1")


class InviteForm(forms.Form):
    role = forms.ChoiceField(label=_("Invite as"), choices=Enrollment.Role)
    people = forms.CharField(
        label=_("People"),
        help_text=_("One person per line: name, e-mail address."),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "placeholder": "Ada Lind, ada@example.org"}),
    )

    message = MessageField()

    def clean_people(self) -> list[tuple[str, str]]:
        return invitations.read_people(self.cleaned_data["people"])


class ComeInForm(forms.Form):
    """What a newcomer is asked: three fields, one of them filled in."""

    name = NameField()
    short_name = ShortNameField()
    password = NewPasswordField(label=_("Choose a password"))
    zone = ZoneField()

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.initial["short_name"] = guess_short_name(person.name)
        if Installation.mail_arrives():
            self.fields["password"].required = False
            self.fields["password"].help_text = _("Or leave it empty: we mail you a code each time you sign in.")

    def clean_short_name(self) -> str:
        return self.cleaned_data["short_name"] if "short_name" in self.changed_data else ""

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("password"):
            refuse_weak(self, "password", self.person)
        return cleaned


class PairForm(forms.Form):
    """Two people of the program. Past a mentor's capacity, or against a rule of pairing, the form asks back once."""

    mentor = forms.ModelChoiceField(Enrollment.objects.none(), label=_("Mentor"))
    mentee = forms.ModelChoiceField(Enrollment.objects.none(), label=_("Mentee"))
    anyway = forms.BooleanField(label=_("Pair them anyway"), required=False, widget=forms.HiddenInput)

    LISTED = 300  # of each role, those with the fewest partners first; besides, whoever was chosen already

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        here = program.enrollments.pairable().with_pairs().with_shown_name().select_related("user")
        here = here.order_by("pairs_now", "name_here", "pk")
        self.is_cut = False
        for role, label in ((Enrollment.Role.MENTOR, _mentor_label), (Enrollment.Role.MENTEE, _mentee_label)):
            rows, chosen = here.filter(role=role), str(self[role].value() or "")
            listed = list(rows.values_list("pk", flat=True)[: self.LISTED + 1])
            if len(listed) > self.LISTED:
                self.is_cut = True
                also = [int(chosen)] if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else []
                rows = rows.filter(pk__in=listed[: self.LISTED] + also)
            self.fields[role].queryset, self.fields[role].label_from_instance = rows, label

    def clean(self):
        cleaned = super().clean()
        mentor, mentee = cleaned.get("mentor"), cleaned.get("mentee")
        if mentor and not cleaned.get("anyway"):
            against = conflicts_of(mentor, mentee) if mentee and mentee.user_id != mentor.user_id else []
            if mentor.pairs_now >= mentor.capacity:
                said = _("%(name)s has %(now)s of at most %(most)s mentees already.")
                against.append(said % {"name": mentor.shown_name, "now": mentor.pairs_now, "most": mentor.capacity})
            if against:
                self.fields["anyway"].widget = forms.CheckboxInput()
                self.add_error("anyway", [*against, _("Tick the box if you are sure.")])
        return cleaned


def _mentor_label(enrollment: Enrollment) -> str:
    words = (
        _("%(name)s (%(now)s of %(most)s mentees)")
        if enrollment.accepted_at
        else _("%(name)s (%(now)s of %(most)s mentees, invited)")
    )
    return words % {"name": enrollment.shown_name, "now": enrollment.pairs_now, "most": enrollment.capacity}


def _mentee_label(enrollment: Enrollment) -> str:
    if enrollment.pairs_now:
        return _("%(name)s (has a mentor)") % {"name": enrollment.shown_name}
    return _("%(name)s (waiting)") % {"name": enrollment.shown_name}


class AgreementForm(forms.ModelForm):
    follows = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

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
