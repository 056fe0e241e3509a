"""Forms to add, edit and answer a topic or question."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import WorkEvent
from mentoring.models import Pair
from sessions.models import AgendaItem


class OneLine(forms.TextInput):
    """A one-line input that Enter submits, without autocomplete."""

    def __init__(self, **attrs):
        super().__init__(attrs={"autocomplete": "off", "maxlength": 300} | attrs)


class ItemForm(forms.ModelForm):
    """Add a topic or question: one line is enough; its type and work event are optional."""

    kind = forms.ChoiceField(label=_("Type"), required=False)

    class Meta:
        model = AgendaItem
        fields = ["title", "kind", "work_event"]
        widgets = {"title": OneLine()}
        labels = {"title": _("Topic or question"), "work_event": _("Work event")}

    def __init__(self, *args, pair: Pair, user, **kwargs):
        self.pair = pair
        super().__init__(*args, **kwargs)
        guess = [] if self.instance.pk else [("", _("automatic: a line with “?” is a question"))]
        self.fields["kind"].choices = [*guess, *AgendaItem.Kind.choices]
        events = WorkEvent.objects.filter(pair=pair)
        self.fields["work_event"].queryset = events.coming(user.today()) | events.filter(pk=self.instance.work_event_id)
        self.fields["work_event"].empty_label = _("none")

    def save(self, by) -> AgendaItem:
        return AgendaItem.add(self.pair, by, **self.cleaned_data)


class ItemEditForm(ItemForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        self.fields["kind"].required = True

    def save(self, by) -> None:
        data = self.cleaned_data
        fields = {name: data[name] for name in ("title", "kind", "work_event")}
        AgendaItem.objects.get(pk=self.instance.pk).edit(data["version"], **fields)


class ReplyForm(forms.Form):
    """An answer in one line. `version` is the version of the question that was shown."""

    reply = forms.CharField(
        label=_("Answer in one line"), max_length=500, required=False, widget=OneLine(maxlength=500)
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, item: AgendaItem, **kwargs):
        self.item = item
        super().__init__(*args, initial={"reply": item.reply, "version": item.version}, **kwargs)

    def save(self, by) -> None:
        self.item.add_reply(by, self.cleaned_data["version"], self.cleaned_data["reply"])

    def data_for(self, current: AgendaItem):
        """Return the same input with the current version of the question."""
        return self.data.copy() | {"version": current.version}
