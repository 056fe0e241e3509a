"""Forms of resources, in the library of a program and in a pair."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.merging_forms import MergingModelForm
from goals.forms.base import PairContentForm
from goals.forms.fields import OffersRows
from goals.models import Competency
from mentoring.models import Pair, Program
from practice.models import PairResource, Resource
from practice.models.resource import LEAST_USEFUL, MOST, MOST_USEFUL


class LinkField(forms.URLField):
    def __init__(self, **kwargs):
        super().__init__(label=_("Link"), max_length=500, required=False, assume_scheme="https", **kwargs)


class ResourceForm(OffersRows, forms.ModelForm):
    """A resource in the library of a program."""

    url = LinkField()

    class Meta:
        model = Resource
        fields = ["title", "url", "kind", "competency", "note"]
        help_texts = {"note": _("For whom it is, and what it takes: “Two hours, for first-time leads.”")}

    def __init__(self, *args, program: Program, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.program = program
        rows = Competency.objects.filter(program=program)
        self.offer("competency", rows.current() | rows.filter(pk=self.instance.competency_id))

    def clean(self):
        """Refuse what the program file could not hold: the same title twice, or too many."""
        values = super().clean()
        others = Resource.objects.filter(program=self.instance.program).current().exclude(pk=self.instance.pk)
        if others.filter(title=values.get("title")).exists():
            self.add_error("title", _("This is already on the list."))
        elif self.instance.pk is None and others.count() >= MOST:
            self.add_error(None, _("The library is full. First remove a resource that no longer helps."))
        return values


class ResourceEditForm(MergingModelForm, ResourceForm):
    """Changes to a resource. What another admin changed meanwhile is kept, or shown if both changed it."""


class PairResourceForm(PairContentForm):
    """A resource that is not in the library."""

    new_heading, edit_heading = _("Add a resource"), _("Edit the resource")
    sub = _("Only the two of you see it.")
    url = LinkField()

    class Meta:
        model = PairResource
        fields = ["title", "url", "kind", "competency", "why"]
        widgets = {"title": forms.TextInput(), "why": forms.TextInput()}
        help_texts = {"why": _("One line: what it helps with now.")}

    def set_up(self) -> None:
        if self.instance.resource_id:  # its facts are those of the library
            for name in ("title", "url", "kind", "competency"):
                del self.fields[name]
            return
        self.fields["title"].required = True
        rows = Competency.objects.filter(program=self.pair.program_id)
        self.offer("competency", rows.current() | rows.filter(pk=self.instance.competency_id))


class WhyForm(forms.Form):
    """Why a resource of the library is recommended; the mentee needs no reason to plan it."""

    why = forms.CharField(
        label=_("Why this one?"), max_length=300, help_text=_("One line: what it helps with now."), required=False
    )

    def __init__(self, *args, pair: Pair, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["why"].required = pair.is_mentor(user)


class StatusForm(forms.Form):
    """How the mentee gets on with a resource."""

    status = forms.ChoiceField(label=_("How is it going?"), choices=PairResource.Status.choices, required=False)
    usefulness = forms.TypedChoiceField(
        label=_("How useful was it?"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("no answer")),
            (LEAST_USEFUL, _("1 · not at all")),
            *((n, str(n)) for n in range(LEAST_USEFUL + 1, MOST_USEFUL)),
            (MOST_USEFUL, _("5 · very")),
        ],
    )
