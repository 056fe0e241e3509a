"""What a person of a program brings and wants."""

from django import forms
from django.core.validators import MaxValueValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import AddressField
from accounts.models import User
from mentoring import columns
from mentoring.models import Enrollment, MatchRequest, NeverPair, Profile, Program


class ThingsField(forms.CharField):
    """A list, one thing in each line or divided by commas."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}), **kwargs
        )

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        things = columns.things(super().clean(value))
        if len(things) > columns.MOST_THINGS:
            raise forms.ValidationError(_("List %(n)s things at most.") % {"n": columns.MOST_THINGS})
        if any(len(thing) > columns.LONGEST_THING for thing in things):
            raise forms.ValidationError(
                _("Keep each thing to %(n)s characters; one thing in each line.") % {"n": columns.LONGEST_THING}
            )
        return things


class ProfileForm(forms.ModelForm):
    """What a person brings and wants; also filled by an admin, for somebody who does not."""

    wants = ThingsField(label=_("What would you like to learn?"), help_text=_("One thing in each line."))
    offers = ThingsField(label=_("What can you help others with?"), help_text=_("One thing in each line."))
    interests = ThingsField(label=_("What else are you interested in?"))
    languages = ThingsField(label=_("Which languages do you speak?"))
    manager_email = AddressField(
        label=_("Your manager’s email"), required=False, help_text=_("So that the two of you are not paired.")
    )
    capacity = forms.IntegerField(
        label=_("How many mentees can you take at most?"), help_text=_("0 if you cannot take any now."), min_value=0
    )

    class Meta:
        model = Profile
        fields = ["wants", "offers", "style", "languages", "interests", "team", "grade"]
        help_texts = {"grade": _("Your level in the organization as a number; a higher one is more senior.")}

    field_order = ["wants", "offers", "style", "languages", "interests", "team", "grade", "capacity", "manager_email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        profile = self.instance
        self.mentoring = (
            Enrollment.objects.here().filter(program=profile.program_id, user=profile.user_id, role="mentor").first()
        )
        if self.mentoring:
            most = max(profile.program.most_mentees, self.mentoring.capacity)
            field = self.fields["capacity"]
            field.initial, field.widget.attrs["max"] = self.mentoring.capacity, most
            field.validators.append(MaxValueValidator(most))
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
