"""Profiles of a program's members, and whom they do not want to be paired with."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent, User
from core.http import add_undo_message, form_page, signed_undo, undo_facts, warn_not_undone
from mentoring.forms import NeverPairForm, ProfileForm
from mentoring.models import Enrollment, NeverPair, Profile, Program

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def profile_edit(request, pk):
    """Edit your own profile in a program where you are a mentor or mentee."""
    mine = Enrollment.objects.active_of(request.user).exclude(role=Enrollment.Role.ADMIN)
    program = get_object_or_404(Program.objects.filter(pk__in=mine.values("program")), pk=pk)
    return edit(request, program, request.user, request.user, back="home")


@get_or_post
def enrollment_profile(request, pk):
    """Edit a member's profile as a program admin."""
    rows = Enrollment.objects.managed_by(request.user).current().exclude(role=Enrollment.Role.ADMIN)
    enrollment = get_object_or_404(rows, pk=pk)
    return edit(request, enrollment.program, enrollment.user, enrollment.shown_name, back="program_detail")


def edit(request, program: Program, user, shown_name, back: str, never_form: NeverPairForm | None = None):
    posted = request.method == "POST" and never_form is None
    with transaction.atomic():
        if posted:
            program.lock()  # two people cannot name each other as managers at the same moment
        profile = Profile.objects.filter(program=program, user=user).first()
        form = ProfileForm(request.POST if posted else None, instance=profile or Profile(program=program, user=user))
        stored = posted and form.is_valid()
        if stored:
            form.store()
            if user != request.user:
                AuditEvent.record(request.user, AuditEvent.Action.PROFILE_EDITED_BY_ADMIN, user)
    if stored:
        messages.success(request, _("Saved."))
        return redirect(back, program.pk) if back == "program_detail" else redirect(back)
    context = {
        "form": form,
        "program": program,
        "person": shown_name,
        "own": user == request.user,
        "competencies": program.competency_set.current(),  # a model of goals, which this app may not import
        "never": NeverPair.objects.filter(program=program, user=user).prefetch_related("other"),
        "never_form": never_form or NeverPairForm(request.GET, program=program, user=user),
    }
    nobody_found = never_form is not None and not never_form.found
    return form_page(request, "mentoring/profile_edit.html", context, status=422 if nobody_found else 200)


@require_POST
def never_pair_create(request, pk):
    """Add somebody to your own list, or undo that; the program's admins see it, the other person never does."""
    mine = Enrollment.objects.active_of(request.user).exclude(role=Enrollment.Role.ADMIN)
    program = get_object_or_404(Program.objects.filter(pk__in=mine.values("program")), pk=pk)
    if undo := undo_facts(request):
        deleted, _by_model = NeverPair.objects.filter(program=program, user=request.user, pk__in=undo).delete()
        if not deleted:
            warn_not_undone(request)
        return to_list(program)
    form = NeverPairForm(request.POST, program=program, user=request.user)
    if not (stored := form.store(request.user)):
        return edit(request, program, request.user, request.user, back="home", never_form=form)
    row, is_new = stored
    if is_new:
        text = _("You will not be paired with %(name)s.") % {"name": row.other}
        add_undo_message(request, text, signed_undo(request, row.pk))
    return to_list(program)


@require_POST
def never_pair_remove(request, pk):
    """Remove somebody from your own list, or undo that."""
    if undo := undo_facts(request):
        program, other = Program.objects.filter(pk=undo[0]).first(), User.objects.filter(pk=undo[1]).first()
        if not (program and other):
            warn_not_undone(request)
            return redirect("home")
        how = {"created_by": request.user}
        NeverPair.objects.get_or_create(program=program, user=request.user, other=other, defaults=how)
        return to_list(program)
    row = get_object_or_404(NeverPair.objects.filter(user=request.user), pk=pk)
    undo = signed_undo(request, row.program_id, row.other_id)
    row.delete()
    add_undo_message(request, _("%(name)s is no longer on this list.") % {"name": row.other}, undo)
    return to_list(row.program)


def to_list(program: Program):
    return redirect(f"{reverse('profile_edit', args=[program.pk])}#never")
