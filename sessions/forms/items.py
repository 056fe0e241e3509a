"""Bringing up a topic or question, and changing its wording."""

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import WorkItem
from mentoring.models import Pair
from sessions.models import AgendaItem


class OneLine(forms.TextInput):
    """A line that Enter sends; no suggestions over what is being written."""

    def __init__(self, **attrs):
        super().__init__(attrs={"autocomplete": "off", "maxlength": 300} | attrs)


class ItemForm(forms.ModelForm):
    """One line is enough; what it is and which real event it is for can wait."""

    kind = forms.ChoiceField(label=_("This is"), required=False)

    class Meta:
        model = AgendaItem
        fields = ["title", "kind", "work_item"]
        widgets = {"title": OneLine()}
        labels = {"title": _("A topic or a question"), "work_item": _("Which real event is it for?")}

    def __init__(self, *args, pair: Pair, user, **kwargs):
        self.pair = pair
        super().__init__(*args, **kwargs)
        guess = [] if self.instance.pk else [("", _("as it reads: a line with “?” is a question"))]
        self.fields["kind"].choices = [*guess, *AgendaItem.Kind.choices]
        events = WorkItem.objects.filter(pair=pair)
        self.fields["work_item"].queryset = events.coming(user.today()) | events.filter(pk=self.instance.work_item_id)
        self.fields["work_item"].empty_label = _("none")

    def bring_up(self, by) -> AgendaItem:
        return AgendaItem.bring_up(self.pair, by, **self.cleaned_data)


class ItemEditForm(ItemForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        self.fields["kind"].required = True

    def save(self, by) -> None:
        said = self.cleaned_data
        fields = {name: said[name] for name in ("title", "kind", "work_item")}
        AgendaItem.objects.get(pk=self.instance.pk).edit(by, said["version"], **fields)


class ReplyForm(forms.Form):
    """An answer in one line. `version` is that of the question as it was read."""

    reply = forms.CharField(
        label=_("Answer in one line"), max_length=500, required=False, widget=OneLine(maxlength=500)
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, item: AgendaItem, **kwargs):
        self.item = item
        super().__init__(*args, initial={"reply": item.reply, "version": item.version}, **kwargs)

    def save(self, by) -> None:
        self.item.answer(by, self.cleaned_data["version"], self.cleaned_data["reply"])

    def again(self, now: AgendaItem):
        """What was typed, to be sent again on top of the question as it reads now."""
        return self.data.copy() | {"version": now.version}
