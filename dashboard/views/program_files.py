"""The program file, and duplicating a program."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import AuditEvent
from accounts.reauthentication import requires_reauthentication
from accounts.submit_once import submit_once
from core.http import form_page
from dashboard import program_files
from mentoring.forms import ProgramForm
from mentoring.models import Pair, Program
from sessions.yaml_reader import MAX_BYTES, InvalidFile


class ProgramFileForm(forms.Form):
    """The text of a program file; every error names its line."""

    text = forms.CharField(
        label=gettext_lazy("Program file"),
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "dir": "ltr"}),
    )

    def clean_text(self):
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            self.settings = program_files.read_program(text)
        except InvalidFile as error:
            raise forms.ValidationError(error.errors) from error
        return text


class DuplicateForm(ProgramForm):
    """Name and dates of a duplicate: it starts when the original ends, and is as long."""

    zone = None  # copied from the original

    class Meta(ProgramForm.Meta):
        fields = ["name", "starts_on", "ends_on"]

    def __init__(self, *args, like: Program, **kwargs):
        length = like.ends_on - like.starts_on
        starts_on = max(like.ends_on, like.today())
        super().__init__(*args, initial={"starts_on": starts_on, "ends_on": starts_on + length}, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
@requires_reauthentication(when=lambda request: request.POST.get("sure") == "1")
def program_file(request, pk):
    """Show what a program file would change; import it when the admin confirms."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = ProgramFileForm(request.POST or None)
    context = {"program": program, "form": form}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("sure") == "1":
            program_files.apply(program, form.settings, request.user)
            messages.success(request, _("Imported. Scheduled sessions keep their agendas."))
            return redirect("program_file", pk)
        context |= {
            "changes": program_files.changes(program, form.settings),
            "looked": True,
            "pairs": Pair.objects.filter(program=program).active().count(),
        }
    return form_page(request, "dashboard/program_file.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def program_duplicate(request, pk):
    """Create another program with the same settings, a new name and dates, and no people."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    form = DuplicateForm(request.POST or None, like=program)
    if request.method == "POST" and form.is_valid():

        def act() -> int:
            duplicate = Program.begin(request.user, **form.cleaned_data, zone=program.zone, language=program.language)
            program_files.apply(duplicate, program_files.read_program(program_files.export(program)), request.user)
            return duplicate.pk

        duplicate_pk = submit_once(request, act)
        messages.success(
            request, _("Program created with the same rules, agendas and competencies. Now invite people.")
        )
        return redirect("program_detail", duplicate_pk)
    context = {"program": program, "form": form}
    return form_page(request, "dashboard/program_duplicate.html", context)


@require_POST
@requires_reauthentication(is_file=True)
def program_file_export(request, pk):
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    response = HttpResponse(program_files.export(program), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="program-{program.pk}.yaml"'
    AuditEvent.record(request.user, AuditEvent.Action.PROGRAM_FILE_EXPORTED, program)
    return response
