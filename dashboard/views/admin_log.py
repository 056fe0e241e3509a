"""What the admins of a program did, for each other."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from dashboard.admin_log import MOST, acts_of_admins
from mentoring.models import Program

AT_A_TIME = 50


@require_safe
def program_log(request, pk):
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    acts = Paginator(acts_of_admins(program, request.user), AT_A_TIME).get_page(request.GET.get("page"))
    return render(request, "dashboard/program_log.html", {"program": program, "acts": acts, "most": MOST})
