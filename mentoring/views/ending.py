"""A planned ending, without blame: either of the two ends the pair, says what it was worth, may leave the program."""

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from mentoring import closing
from mentoring.models import Enrollment, ExitAnswer, NeverPair, Pair, Program

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
WORTH = [(1, gettext_lazy("1 · not at all")), (2, "2"), (3, "3"), (4, "4"), (5, gettext_lazy("5 · very much"))]


class ExitForm(forms.ModelForm):
    """Three questions at most, all but the first may stay empty."""

    worth = forms.TypedChoiceField(
        label=gettext_lazy("Was it worth your time?"), choices=WORTH, coerce=int, widget=forms.RadioSelect
    )
    never_again = forms.BooleanField(label=gettext_lazy("Do not pair the two of us again"), required=False)

    class Meta:
        model = ExitAnswer
        fields = ["worth", "took", "would_mentor"]

    def __init__(self, *args, pair: Pair, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.pair, self.user = pair, user
        self.fields["never_again"].help_text = _("Only the program’s admins see it, never the other person.")
        self.fields["would_mentor"].help_text = _("The program’s admins see it, so that they can invite you.")
        if not pair.is_mentee(user):
            del self.fields["would_mentor"]

    def save(self) -> None:
        said = dict(self.cleaned_data)
        if said.pop("never_again"):
            NeverPair.objects.get_or_create(
                program=self.pair.program, user=self.user, other=self.pair.other(self.user), defaults={"by": self.user}
            )
        ExitAnswer.say(self.pair, self.user, **said)


@get_or_post
def pair_finish(request, pk):
    """Either of the two ends it. What they wrote stays readable for both."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    if request.method == "POST" and request.POST.get("sure") == "1":
        pair.end(request.user)
        said = _("You and %(name)s have ended. Everything you wrote stays here for both of you to read.")
        offer_undo(request, pair, said % {"name": pair.other(request.user).first_name})
        return redirect("exit_answer", pk)
    context = {"pair": pair, "other": pair.other(request.user), "planned": closing.planned_sessions(pair)}
    return render(request, "mentoring/pair_finish.html", context)


def offer_undo(request, pair: Pair, text: str) -> None:
    """Confirm that the pair has ended, with the way back."""
    undo = {"text": text, "url": reverse("pair_end_undo", args=[pair.pk])}
    messages.success(request, render_to_string("components/_undo.html", undo, request))


@require_POST
def pair_end_undo(request, pk):
    """Whoever ended the pair takes it back, as long as nobody was notified."""
    pair = get_object_or_404(Pair.objects.filter(ended_by=request.user).with_people(), pk=pk)
    names = {"mentor": pair.mentor.first_name, "mentee": pair.mentee.first_name}
    if pair.undo_end(request.user):
        messages.success(request, _("%(mentor)s and %(mentee)s are still a pair, and nobody was notified.") % names)
    else:
        messages.warning(request, _("%(mentor)s and %(mentee)s have ended: it is too late to undo that.") % names)
    if request.user in pair.people:
        return redirect("pair_detail", pk)
    return redirect("program_detail", pair.program_id)


@get_or_post
def exit_answer(request, pk):
    """Asked of both once it has ended, or its day has come."""
    pair = get_object_or_404(Pair.objects.visible_to(request.user).with_people(), pk=pk)
    if pair.content_deleted_at:
        return redirect("pair_detail", pk)
    over = pair.ended_at is not None or pair.ends_on <= pair.program.today()
    said = ExitAnswer.objects.filter(pair=pair, user=request.user).first()
    form = ExitForm(request.POST or None, instance=said, pair=pair, user=request.user)
    if request.method == "POST" and over and form.is_valid():
        form.save()
        messages.success(request, _("Thank you."))
        return redirect("pair_detail", pk)
    context = {"pair": pair, "other": pair.other(request.user), "form": form, "over": over}
    return render(request, "mentoring/exit_answer.html", context, status=422 if form.errors else 200)


@get_or_post
def program_leave(request, pk):
    """Leave a program oneself. Running pairs are ended first, each with its own page."""
    mine = Enrollment.objects.active().filter(user=request.user).exclude(role=Enrollment.Role.ADMIN)
    program = get_object_or_404(Program.objects.filter(pk__in=mine.values("program")), pk=pk)
    running = list(Pair.objects.editable_by(request.user).filter(program=program).with_people())
    if request.method == "POST" and not running:
        for row in mine.filter(program=program).select_related("program", "user"):
            row.leave(request.user)
        messages.success(request, _("You have left %(program)s. An admin can invite you again.") % {"program": program})
        return redirect("home")
    running = [(pair, pair.other(request.user)) for pair in running]
    return render(request, "mentoring/program_leave.html", {"program": program, "running": running})
