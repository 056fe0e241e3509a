"""Forms for profiles and for people who must not be paired."""

from django import forms
from django.core.validators import MaxValueValidator
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import AddressField
from accounts.models import User
from core.folding import folded
from mentoring.importing import columns
from mentoring.matching import in_reporting_line
from mentoring.models import Enrollment, MatchRequest, NeverPair, Pair, Profile, Program


class ItemsField(forms.CharField):
    """A list with one item per line, or separated by commas."""

    def __init__(self, **kwargs):
        super().__init__(
            required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}), **kwargs
        )

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value):
        items = columns.split_list(super().clean(value))
        if len(items) > columns.MAX_ITEMS:
            raise forms.ValidationError(_("List at most %(n)s items.") % {"n": columns.MAX_ITEMS})
        if any(len(item) > columns.LONGEST_ITEM for item in items):
            raise forms.ValidationError(
                _("Enter one item per line, each with at most %(n)s characters.") % {"n": columns.LONGEST_ITEM}
            )
        return items


class ProfileForm(forms.ModelForm):
    """A person's profile; an admin can fill it in for them."""

    wants = ItemsField(label=_("What would you like to learn?"), help_text=_("One item per line."))
    offers = ItemsField(label=_("What can you help others with?"), help_text=_("One item per line."))
    interests = ItemsField(label=_("What else are you interested in?"))
    languages = ItemsField(label=_("Which languages do you speak?"))
    manager_email = AddressField(
        label=_("Your manager’s email"), required=False, help_text=_("So that we do not pair the two of you.")
    )
    capacity = forms.IntegerField(
        label=_("How many mentees can you take at most?"),
        help_text=_("Enter 0 if you cannot take any now."),
        min_value=0,
    )

    class Meta:
        model = Profile
        fields = ["wants", "offers", "style", "languages", "interests", "team", "grade"]
        help_texts = {"grade": _("Your level in the organization as a number; higher means more senior.")}

    field_order = ["wants", "offers", "style", "languages", "interests", "team", "grade", "capacity", "manager_email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        profile = self.instance
        self.mentoring = (
            Enrollment.objects.current().filter(program=profile.program_id, user=profile.user_id, role="mentor").first()
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
                _("Nobody in this program has this address. Leave it empty if your manager is not in the program.")
            )
        if manager.pk == self.instance.user_id:
            raise forms.ValidationError(_("This is your own address. Enter your manager’s."))
        if manager.pk != self.instance.manager_id:
            self.refuse_cycles(manager)
        return manager

    def refuse_cycles(self, manager: User) -> None:
        """Reject cycles in the reporting line, and managers above or below a current partner."""
        profile, address = self.instance, {"address": manager.email}
        rows = Profile.objects.filter(program=profile.program_id, manager__isnull=False).exclude(user=profile.user_id)
        managers = dict(rows.values_list("user", "manager"))
        if in_reporting_line(managers, manager.pk, profile.user_id):
            message = _("%(address)s reports to the person of this profile, directly or through others.")
            raise forms.ValidationError(message % address)
        managers[profile.user_id] = manager.pk
        running = Pair.objects.filter(program=profile.program_id).active()
        if any(in_reporting_line(managers, profile.user_id, partner) for partner in running.partners_of(profile.user)):
            message = _(
                "With this manager, the person of this profile would be paired with someone they report to, or who "
                "reports to them. End that pair first."
            )
            raise forms.ValidationError(message)

    def store(self) -> Profile:
        profile = self.instance
        profile.manager, profile.updated_at = self.cleaned_data["manager_email"], timezone.now()
        with transaction.atomic():
            profile.save()
            if self.mentoring:
                Enrollment.objects.filter(pk=self.mentoring.pk).update(capacity=self.cleaned_data["capacity"])
                MatchRequest.settle(profile.program)
        return profile


class NeverPairForm(forms.Form):
    """A search by name for somebody a person does not want to be paired with; it never lists all members.

    Only people who accepted are found. The other person never sees it, and it is never given as a reason.
    """

    MIN_LENGTH, SHOWN = 2, 10

    name = forms.CharField(
        label=_("Who do you not want to be paired with?"),
        help_text=_("Search for the name."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto"}),
    )

    def __init__(self, *args, program: Program, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.program, self.user = program, user
        self.asked = folded(str(self["name"].value() or "").replace("\0", ""))
        self.matches = self.search() if len(self.asked) >= self.MIN_LENGTH else []

    def search(self) -> list[User]:
        """Return the people whose name has words that begin with all the words typed."""
        here = Enrollment.objects.active().filter(program=self.program).exclude(role=Enrollment.Role.ADMIN)
        people = User.objects.filter(pk__in=here.values("user")).exclude(Q(pk=self.user.pk) | Q(name=""))
        asked = self.asked.split()

        def fits(person: User) -> bool:
            words = folded(person.name).split()
            return all(any(word.startswith(one) for word in words) for one in asked)

        return [person for person in people.only("name").order_by("folded_name", "pk") if fits(person)]

    @property
    def found(self) -> list[User]:
        return self.matches[: self.SHOWN]

    @property
    def has_more(self) -> bool:
        return len(self.matches) > self.SHOWN

    @property
    def is_short(self) -> bool:
        """Return True if too little was typed to search."""
        return 0 < len(self.asked) < self.MIN_LENGTH

    def store(self, by) -> tuple[NeverPair, bool] | None:
        """Add the chosen person, or the only one found.

        Return the row and whether it is new; None if there is no such person.
        """
        chosen = [person for person in self.found if str(person.pk) == self.data.get("other")]
        if not chosen and len(self.matches) == 1 and "other" not in self.data:
            chosen = self.matches
        if not chosen:
            return None
        return NeverPair.objects.get_or_create(
            program=self.program, user=self.user, other=chosen[0], defaults={"created_by": by}
        )
