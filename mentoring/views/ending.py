"""Ending a pair as one of its people, answering the exit questions, and leaving the program."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core.http import form_page
from mentoring import pair_end_hooks
from mentoring.models import Enrollment, ExitAnswer, NeverPair, Pair, Program

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
RATINGS = [(1, gettext_lazy("1 · not at all")), (2, "2"), (3, "3"), (4, "4"), (5, gettext_lazy("5 · very much"))]


class ExitForm(forms.ModelForm):
    """The exit questions; only the rating is required."""

    rating = forms.TypedChoiceField(
        label=gettext_lazy("Was it worth your time?"), choices=RATINGS, coerce=int, widget=forms.RadioSelect
    )
    never_again = forms.BooleanField(label=gettext_lazy("Do not pair the two of us again"), required=False)

    class Meta:
        model = ExitAnswer
        fields = ["rating", "takeaway", "would_mentor"]

    def __init__(self, *args, pair: Pair, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.pair, self.user = pair, user
        self.fields["never_again"].help_text = _("Only the program’s admins see this, never the other person.")
        self.fields["would_mentor"].help_text = _("The program’s admins see this so that they can invite you.")
        if not pair.is_mentee(user):
            del self.fields["would_mentor"]

    def save(self) -> None:
        answers = dict(self.cleaned_data)
        if answers.pop("never_again"):
            NeverPair.objects.get_or_create(
                program=self.pair.program,
                user=self.user,
                other=self.pair.other(self.user),
                defaults={"created_by": self.user},
            )
        ExitAnswer.record(self.pair, self.user, **answers)


@get_or_post
def pair_finish(request, pk):
    """End the pair as one of its people; both can still read what they wrote."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    if request.method == "POST" and request.POST.get("sure") == "1":
        pair.end(request.user)
        text = _("You and %(name)s are no longer a pair. You can both still read everything you wrote.")
        offer_undo(request, pair, text % {"name": pair.other(request.user).first_name})
        return redirect("exit_answer", pk)
    context = {"pair": pair, "other": pair.other(request.user), "planned": pair_end_hooks.planned_sessions.ask(pair)}
    return render(request, "mentoring/pair_finish.html", context)


def offer_undo(request, pair: Pair, text: str) -> None:
    """Show a message that the pair has ended, with an undo button."""
    undo = {"text": text, "url": reverse("pair_end_undo", args=[pair.pk])}
    messages.success(request, render_to_string("components/_undo.html", undo, request))


@require_POST
def pair_end_undo(request, pk):
    """Undo the end of a pair, for the person who ended it, until somebody was notified."""
    pair = get_object_or_404(Pair.objects.filter(ended_by=request.user), pk=pk)
    names = {"mentor": pair.mentor.first_name, "mentee": pair.mentee.first_name}
    if pair.undo_end(request.user):
        messages.success(request, _("%(mentor)s and %(mentee)s are still a pair, and nobody was notified.") % names)
    else:
        messages.warning(
            request, _("%(mentor)s and %(mentee)s are no longer a pair. It is too late to undo that.") % names
        )
    if request.user in pair.people:
        return redirect("pair_detail", pk)
    return redirect("program_detail", pair.program_id)


@get_or_post
def exit_answer(request, pk):
    """Ask one of the pair's people the exit questions, once the pair or its planned time has ended."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user), pk=pk).for_reader(request.user)
    if pair.content_deleted_at:
        return redirect("pair_detail", pk)
    over = pair.ended_at is not None or pair.ends_on <= pair.program.today()
    earlier = ExitAnswer.objects.filter(pair=pair, user=request.user).first()
    form = ExitForm(request.POST or None, instance=earlier, pair=pair, user=request.user)
    if request.method == "POST" and over and form.is_valid():
        form.save()
        messages.success(request, _("Thank you."))
        return redirect("pair_detail", pk)
    context = {"pair": pair, "other": pair.other(request.user), "form": form, "over": over}
    return form_page(request, "mentoring/exit_answer.html", context)


@get_or_post
def program_leave(request, pk):
    """Leave a program; running pairs have to be ended first, each on its own page."""
    mine = Enrollment.objects.active_of(request.user).exclude(role=Enrollment.Role.ADMIN)
    program = get_object_or_404(Program.objects.filter(pk__in=mine.values("program")), pk=pk)
    running = Pair.objects.editable_by(request.user).filter(program=program).order_by("pk").for_reader(request.user)
    if request.method == "POST" and not running:
        for row in mine.filter(program=program):
            row.leave(request.user)
        messages.success(request, _("You have left %(program)s. An admin can invite you again.") % {"program": program})
        return redirect("home")
    running = [(pair, pair.other(request.user)) for pair in running]
    return render(request, "mentoring/program_leave.html", {"program": program, "running": running})
