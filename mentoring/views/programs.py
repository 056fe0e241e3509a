from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import Installation, User
from accounts.submit_once import submit_once
from core.folding import folded
from core.http import form_page
from core.optimistic_locking import Conflict
from mentoring.forms import ProgramEditForm, ProgramForm
from mentoring.models import Enrollment, ExitAnswer, Program, TalkRequest
from mentoring.program_page import pair_lines, person_lines

PER_PAGE = 25
PERSON_COLUMNS = ("name", "email", "last_login", "is_active", "mail_suspended_at")


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
        return redirect("program_detail", pk)


@require_safe
def program_detail(request, pk):
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    role = request.GET.get("role", "")
    people = program.enrollments.current().with_shown_name().order_by("role", "name_here", "pk")
    people = people.prefetch_related(Prefetch("user", User.objects.only(*PERSON_COLUMNS)))
    if role in Enrollment.Role.values:
        people = people.filter(role=role)
    pairs, asked = _pairs(program), " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    if asked:
        people = people.filter(Q(name_here__contains=folded(asked)) | Q(user__email__icontains=asked))
        pairs = pairs.filter(_is_found(asked, "mentor") | _is_found(asked, "mentee"))
    context = {
        "program": program,
        "figures": program.count_people(),
        "role": role,
        "bouncing": (bouncing := _people_with_bouncing_email(program)),
        "links_to_pass_on": bouncing or not Installation.has_mail_server(),
        "roles": Enrollment.Role.choices,
        "people": _page(request, people, "people", person_lines),
        "applications": program.applications.waiting()[:PER_PAGE],
        "apply_url": settings.SITE_URL + reverse("application_create", args=[pk]),
        "would_mentor": _would_mentor(request.user, program)[:PER_PAGE],
        "talks": TalkRequest.objects.shown_to(request.user).waiting().filter(program=program).prefetch_related("user"),
        "asked": asked,
        "search": urlencode({name: value for name, value in (("role", role), ("q", asked)) if value}),
        "per_page": PER_PAGE,
        "pairs": _page(request, pairs, "pairs", pair_lines),
    }
    return render(request, "mentoring/program_detail.html", context)


def _page(request, rows, name: str, lines):
    """Return the page of these rows that the parameter `name` asks for, as lines."""
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get(name))
    page.object_list = lines(page.object_list)
    return page


def _is_found(asked: str, person: str) -> Q:
    """Match the search text in the name, ignoring accents and case, or in the address."""
    return Q((f"{person}__folded_name__contains", folded(asked))) | Q((f"{person}__email__icontains", asked))


def _people_with_bouncing_email(program: Program) -> list[str]:
    """Return the names of people whose email bounces, each once."""
    rows = program.enrollments.with_bouncing_email().prefetch_related("user").order_by("-accepted_at")
    names = {}
    for row in rows:
        names.setdefault(row.user_id, row.shown_name)
    return sorted(names.values(), key=folded)


def _would_mentor(admin: User, program: Program):
    """Return people who would like to mentor, from the exit answers this admin may see, and do not mentor here."""
    programs = list(Enrollment.objects.run_by(admin).values_list("program", flat=True))
    answers = ExitAnswer.objects.would_mentor().filter(pair__program__in=programs)
    mentors = program.enrollments.current().filter(role=Enrollment.Role.MENTOR)
    people = User.objects.filter(pk__in=answers.values("user")).exclude(pk__in=mentors.values("user"))
    return people.only("name", "email").order_by("folded_name", "pk")


def _pairs(program: Program):
    """Return the pairs with their dates and agreement states, and nothing that they wrote."""
    pairs = program.pairs.select_related("mentor", "mentee").with_agreement().with_pause(program.today())
    shown = ("started_on", "ends_on", "ended_at", "mentor__name", "mentor__email", "mentee__name", "mentee__email")
    return pairs.only("program", *shown).order_by("ended_at", "mentor__folded_name", "pk")
