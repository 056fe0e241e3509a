"""Add a commitment, a topic or a question in one line of the room."""

from datetime import date

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.submit_once import submit_once
from goals import capture
from sessions.models import AgendaItem
from sessions.session_room import actions
from sessions.session_room.page import Room
from sessions.views.private_notes import is_sharing
from sessions.views.room import editable_room_or_404, room_or_404


class CommitmentLine(forms.Form):
    """A commitment in one line. Its owner and date come from the text unless they are chosen in the fields."""

    text = forms.CharField(
        max_length=2000, error_messages={"required": gettext_lazy("Enter what will be done, in one line.")}
    )
    owner = forms.ChoiceField(required=False)
    due_on = forms.DateField(required=False)
    offered = forms.DateField(required=False)  # the date that the form came with
    done_when = forms.CharField(max_length=300, required=False)

    def __init__(self, room: Room, data):
        self.room = room
        super().__init__(data)
        self.fields["owner"].choices = [(str(person.pk), person.first_name) for person in room.people]

    def clean_text(self):
        by = self.room.user
        self.parsed = capture.parse_line(self.cleaned_data["text"], by.today(), by, self.room.people)
        if not self.parsed.text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return actions.shortened(self.parsed.text)

    @property
    def chosen_owner(self):
        mentee, mentor = self.room.people
        if self.cleaned_data.get("owner") == str(mentor.pk):
            return mentor
        return self.parsed.owner or mentee

    @property
    def chosen_due_on(self) -> date:
        picked, offered = self.cleaned_data.get("due_on"), self.cleaned_data.get("offered")
        if self.parsed.due_on and picked in (None, offered):
            return self.parsed.due_on
        return picked or self.room.due_on


@require_POST
def room_commitment_create(request, pk):
    room = editable_room_or_404(request, pk)
    form = CommitmentLine(room, request.POST)
    if not form.is_valid():
        return render_line(request, room, "commitment", form=form, status=422)
    words = {"text": form.cleaned_data["text"], "done_when": form.cleaned_data["done_when"]}

    def act():
        made = actions.capture_commitment(
            room.session, room.user, form.chosen_owner, form.chosen_due_on, room.focus, **words
        )
        return made.pk

    submit_once(request, act)
    return render_line(request, room, "commitment", added=words["text"], warnings=warnings(room, form.chosen_due_on))


def warnings(room: Room, due_on: date) -> list[str]:
    """Return warnings about a new commitment. They do not prevent it."""
    found = []
    if due_on < room.user.today():
        found.append(_("That date has passed. Is it right?"))
    if room.session.session_commitments.count() >= capture.MANY:
        found.append(_("These are five commitments or more. Choose one to three that matter most."))
    return found


class ItemLine(forms.Form):
    text = forms.CharField(
        max_length=300, error_messages={"required": gettext_lazy("Enter a topic or question in one line.")}
    )


@require_POST
def room_item_create(request, pk):
    """Add a topic; with a question mark at the end, a question."""
    room = editable_room_or_404(request, pk)
    form = ItemLine(request.POST)
    if not form.is_valid():
        return render_line(request, room, "item", form=form, status=422)
    title = form.cleaned_data["text"]
    submit_once(
        request,
        lambda: AgendaItem.add(room.pair, request.user, title).pk,
    )
    return render_line(request, room, "item", added=title)


def render_line(request, room: Room, what: str, status: int = 200, **context):
    """Return an empty line and the lists it changed; with an error, the line as it was typed."""
    if not room.session.is_live and status == 200:
        text = _("The session is over, but this was saved: %(text)s") % {"text": context["added"]}
        messages.success(request, text)
        return HttpResponseClientRedirect(room.url) if request.htmx else redirect(room.url)
    context |= {"room": room, "refused": status != 200}
    if not request.htmx:
        if status == 200:
            return redirect(f"{room.url}#line-{what}")
        context |= {f"{what}_form": context["form"], "sharing": is_sharing(request)}
        return render(request, "sessions/session_detail.html", context, status=status)
    room = room_or_404(request, room.session.pk)
    return render(request, f"sessions/_line_{what}_answer.html", context | {"room": room}, status=status)
