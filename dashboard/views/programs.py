"""The programs a person runs, contacts with mentors, and what admins see of the members."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent, User
from dashboard.attention import flagged_pairs, pair_rows
from dashboard.flags import RULES
from dashboard.models import Flag, MentorContact
from dashboard.programs import read_programs
from mentoring.models import Enrollment, ExitAnswer, Pair, Program, add_pairs_now, attach_signatures


@require_safe
def program_list(request):
    """Show the programs this person runs side by side, worst first."""
    if not Program.can_be_created_by(request.user):
        raise Http404
    programs = read_programs(request.user, request.GET.get("page"), timezone.localdate())
    return render(request, "dashboard/program_list.html", {"programs": programs})


@require_POST
def mentor_contact_create(request, pk, user):
    """Log a contact between an admin and this mentor."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    rows = program.enrollments.current().filter(role=Enrollment.Role.MENTOR)
    mentor = get_object_or_404(User.objects.filter(pk__in=rows.values("user")), pk=user)
    MentorContact.objects.create(program=program, mentor=mentor, created_by=request.user)
    AuditEvent.record(request.user, AuditEvent.Action.MENTOR_CONTACTED, program)
    messages.success(request, _("Contact with %(name)s logged.") % {"name": mentor.first_name})
    return redirect("program_overview", pk)


@require_safe
def admin_visibility(request, pk):
    """Show a person what the program's admins see about their pairs, without the partner's confidential answers."""
    mine = Enrollment.objects.active_of(request.user)
    program = get_object_or_404(Program.objects.filter(pk__in=mine.values("program")), pk=pk)
    pairs = Pair.objects.filter(program=program).visible_to(request.user).active()
    pairs = attach_signatures(pairs.with_pause(program.today()).order_by("pk").for_reader(request.user))
    flags = Flag.objects.visible_to_admins_of(request.user, pairs).not_snoozed(program.today())
    mine = add_pairs_now(list(mine.filter(program=program).order_by("pk")))
    context = {
        "program": program,
        "roles": [enrollment.get_role_display() for enrollment in mine],
        "mentoring": [enrollment for enrollment in mine if enrollment.role == Enrollment.Role.MENTOR],
        "pairs": pairs,
        "flags": [(flag, RULES[flag.rule]) for row in pair_rows(flags, flagged_pairs(flags)) for flag in row.flags],
        "profile": program.profiles.filter(user=request.user).first(),
        "would_mentor": ExitAnswer.objects.would_mentor().filter(user=request.user, pair__program=program).exists(),
        "contact": program.mentor_contacts.filter(mentor=request.user).first(),
    }
    return render(request, "dashboard/admin_visibility.html", context)
