from functools import partial

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Installation, User
from accounts.submit_once import submit_once
from core.http import form_page
from core.optimistic_locking import Conflict
from mentoring.forms import ProgramEditForm, ProgramForm
from mentoring.models import Enrollment, ExitAnswer, Program, TalkRequest
from mentoring.program_page import BULK, PeopleFilter, count_people, pair_rows, person_rows

PER_PAGE = 25


def program_create(request):
    if not Program.can_be_created_by(request.user):
        raise Http404
    form = ProgramForm(request.POST or None, initial={"zone": request.user.zone})
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "mentoring/program_create.html", {"form": form})
    pk = submit_once(
        request,
        lambda: Program.begin(request.user, **form.cleaned_data).pk,
    )
    return redirect("program_detail", pk)


def program_edit(request, pk):
    while True:
        program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
        form = ProgramEditForm(request.POST or None, instance=program)
        if request.method != "POST" or not form.is_valid():
            context = {"form": form, "program": program}
            return render(request, "mentoring/program_edit.html", context, status=form.error_status)
        try:
            form.store(request.user)
        except Conflict:  # another admin saved at the same moment: load the program again
            continue
        messages.success(request, _("Saved."))
        return redirect("program_edit", pk)


@require_safe
def program_detail(request, pk):
    """Show the people and pairs of a program, with filters, an order and a search that stay in the address."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    shown = PeopleFilter.read(request.GET)
    counts = count_people(program)
    count = shown.count(counts)
    context = {
        "program": program,
        "counts": counts,
        "shown": shown,
        "chips": shown.chips(counts),
        "heads": shown.heads,
        "bulk": BULK,
        "links_to_pass_on": counts["bouncing"] or not Installation.has_mail_server(),
        "applications": program.applications.waiting()[:PER_PAGE],
        "apply_url": settings.SITE_URL + reverse("application_create", args=[pk]),
        "would_mentor": _would_mentor(request.user, program)[:PER_PAGE],
        "talks": TalkRequest.objects.shown_to(request.user).waiting().filter(program=program).prefetch_related("user"),
        "per_page": PER_PAGE,
    }
    if shown.shows_pairs:
        context["pairs"] = _page(request, shown.pairs(program), "pairs", partial(pair_rows, program), count)
    else:
        context["people"] = _page(request, shown.people(program), "people", partial(person_rows, program), count)
    return render(request, "mentoring/program_detail.html", context)


def _page(request, rows, name: str, lines, count: int | None):
    """Return the page of these rows that the parameter `name` asks for, as lines; `count` if it is known."""
    pages = Paginator(rows, PER_PAGE)
    if count is not None:
        pages.count = count
    page = pages.get_page(request.GET.get(name))
    page.object_list = lines(page.object_list)
    return page


def _would_mentor(admin: User, program: Program):
    """Return people who would like to mentor, from the exit answers this admin may see, and do not mentor here."""
    programs = list(Enrollment.objects.run_by(admin).values_list("program", flat=True))
    answers = ExitAnswer.objects.would_mentor().filter(pair__program__in=programs)
    mentors = program.enrollments.current().filter(role=Enrollment.Role.MENTOR)
    people = User.objects.filter(pk__in=answers.values("user")).exclude(pk__in=mentors.values("user"))
    return people.only("name", "email").order_by("folded_name", "pk")
