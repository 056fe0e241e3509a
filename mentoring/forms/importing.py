"""Forms of the import: the file, how it is read, and what its columns are."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.folding import folded
from mentoring import importing
from mentoring.forms.programs import MessageField
from mentoring.importing import columns, table_reader
from mentoring.models import Enrollment, ImportRun, Program

ROLES = [
    ("", _("None: every line has a role")),
    *((r.value, r.label) for r in (Enrollment.Role.MENTEE, Enrollment.Role.MENTOR)),
]
ROLE_CHOICES = [
    ("", _("Not a role")),
    ("mentee", Enrollment.Role.MENTEE.label),
    ("mentor", Enrollment.Role.MENTOR.label),
    ("mentor mentee", _("both")),
]
DELIMITERS = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Vertical bar")}
SAMPLES, LONGEST_SAMPLE, MAX_ROLES = 3, 60, 20


class ImportForm(forms.Form):
    """The file to import, with one person per line."""

    file = forms.FileField(
        label=_("File with one person per line"),
        help_text=_("CSV, text, XLSX, XLS or ODS, up to 5 MB and 5,000 people. Nothing is changed before you confirm."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
    )
    role = forms.ChoiceField(label=_("Role of people without one in the file"), choices=ROLES, required=False)

    def __init__(self, *args, program: Program, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.program, self.by = program, by

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            file = cleaned["file"]
            try:
                if file.size > table_reader.MAX_BYTES:
                    raise table_reader.Unreadable(
                        _("This file is larger than 5 MB. Keep only the list of people, or split it.")
                    )
                self.run = importing.create_run(self.program, self.by, file.name, file.read(), cleaned["role"])
            except table_reader.Unreadable as error:
                self.add_error("file", str(error))
        return cleaned


class ReadingForm(forms.Form):
    """Corrections to how a file is read: its sheet, delimiter and row of headings."""

    sheet = forms.ChoiceField(label=_("Sheet"))
    delimiter = forms.ChoiceField(label=_("Columns are separated by"))
    headings = forms.TypedChoiceField(label=_("Row of headings"), coerce=int)

    def __init__(self, *args, run: ImportRun, **kwargs):
        super().__init__(*args, **kwargs)
        self.run = run
        data = run.table
        read_as = data.get("read_as", {})
        sheets, top = data.get("sheets", []), data.get("top", [])
        self.fields["sheet"].choices = [(name, name) for name in sheets]
        self.fields["delimiter"].choices = DELIMITERS.items()
        lines = [(number, _row_label(number, cells)) for number, cells in top]
        self.fields["headings"].choices = [(0, _("No headings: the first row is a person")), *lines]
        for name in self.fields:
            self.fields[name].initial = read_as.get(name)
        if len(sheets) < 2:
            del self.fields["sheet"]
        if sheets:
            del self.fields["delimiter"]

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        before = self.run.table.get("read_as", {})
        choices = table_reader.ReadChoices(**{name: cleaned[name] for name in self.fields})
        choices.sheet = choices.sheet or before.get("sheet", "")
        if (choices.sheet, choices.delimiter or before.get("delimiter", "")) != (
            before.get("sheet", ""),
            before.get("delimiter", ""),
        ):
            choices.headings = None  # another sheet or delimiter has other headings: find them again
        try:
            importing.reread(self.run, choices)
        except table_reader.Unreadable as error:
            self.add_error("headings" if choices.headings is not None else None, str(error))
        return cleaned


def _row_label(number: int, cells: list[str]) -> str:
    text = ", ".join(cell for cell in cells if cell)
    return _("Row %(n)s: %(text)s") % {"n": number, "text": text[:80] + ("…" if len(text) > 80 else "")}


class ColumnsForm(forms.Form):
    """What each column holds, and how to import the people; several columns may be one field."""

    role_of_all = forms.ChoiceField(label=_("Role of people without one in the file"), choices=ROLES, required=False)
    latest_line_only = forms.BooleanField(
        label=_("If a person is in the file more than once, use only the newest line"), required=False
    )

    invite_later = forms.TypedChoiceField(
        label=_("Invitations"),
        choices=[("", _("Invite everyone new at once")), ("1", _("Import now, invite later"))],
        coerce=bool,
        empty_value=False,
        required=False,
    )
    message = MessageField()

    def __init__(self, *args, run: ImportRun, **kwargs):
        super().__init__(*args, **kwargs)
        self.run = run
        self.fields["invite_later"].initial, self.fields["message"].initial = (
            "1" if run.invite_later else "",
            run.message,
        )
        self.headings = run.table.get("headings", [])
        self.fields["role_of_all"].initial, self.fields["latest_line_only"].initial = run.role, run.latest_line_only
        field_of = {at: name for name, places in run.columns.items() for at in places}
        for at, heading in enumerate(self.headings):
            choices = [("", _("Not used")), *columns.FIELDS.items()]
            if field_of.get(at) == columns.AMBIGUOUS or columns.field_of(heading) == columns.AMBIGUOUS:
                choices.insert(0, (columns.AMBIGUOUS, _("Choose…")))
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=self.heading(at), choices=choices, required=False, initial=field_of.get(at, "")
            )
        self.unknown_roles = self.find_unknown_roles()
        for number, text in enumerate(self.unknown_roles[:MAX_ROLES]):
            chosen = " ".join(run.role_choices.get(folded(text), []))
            self.fields[f"word_{number}"] = forms.ChoiceField(
                label=text[:80], choices=ROLE_CHOICES, required=False, initial=chosen
            )

    def heading(self, at: int) -> str:
        return self.headings[at][:200] or _("Column %(n)s") % {"n": at + 1}

    def cells(self, at: int) -> list[str]:
        rows = self.run.table.get("rows", [])
        return list(dict.fromkeys(row[1][at] for row in rows if at < len(row[1]) and row[1][at]))

    def find_unknown_roles(self) -> list[str]:
        """Return the distinct texts of the role column that are not roles; the admin chooses what they mean."""
        places = self.run.columns.get("role", [])
        found = {folded(text): text for at in places for text in self.cells(at) if columns.roles(text) is None}
        return list(found.values()) if len(places) == 1 else []

    @property
    def more_unknown_roles(self) -> int:
        """The number of unknown roles without a field."""
        return max(0, len(self.unknown_roles) - MAX_ROLES)

    @property
    def rows(self) -> list[dict]:
        """Return the used columns, then the others, each with sample values."""
        rows = []
        for at in range(len(self.headings)):
            samples = [text[:LONGEST_SAMPLE] + ("…" if len(text) > LONGEST_SAMPLE else "") for text in self.cells(at)]
            rows.append({"field": self[f"column_{at}"], "heading": self.heading(at), "samples": samples[:SAMPLES]})
        return sorted(rows, key=lambda row: not row["field"].value())

    @property
    def role_fields(self) -> list:
        return [self[name] for name in self.fields if name.startswith("word_")]

    def clean(self):
        cleaned = super().clean()
        if "email" not in [value for name, value in cleaned.items() if name.startswith("column_")]:
            raise forms.ValidationError(_("Choose the column that holds the email address."))
        return cleaned

    def chosen(self) -> dict:
        """Return the choices as an ImportRun stores them."""
        where: dict[str, list[int]] = {}
        for at in range(len(self.headings)):
            if name := self.cleaned_data[f"column_{at}"]:
                where.setdefault(name, []).append(at)
        role_choices = {
            folded(text): self.cleaned_data[f"word_{number}"].split()
            for number, text in enumerate(self.unknown_roles[:MAX_ROLES])
        }
        return {
            "columns": where,
            "role": self.cleaned_data["role_of_all"],
            "role_choices": {word: roles for word, roles in role_choices.items() if roles},
            "latest_line_only": self.cleaned_data["latest_line_only"],
        }

    def changes_lines(self) -> bool:
        """Return True if these choices change how the lines are read."""
        return any(getattr(self.run, name) != value for name, value in self.chosen().items())

    def save(self) -> None:
        invitations = {name: self.cleaned_data[name] for name in ("invite_later", "message")}
        chosen = self.chosen() | invitations | {"state": ImportRun.State.READY}
        ImportRun.objects.filter(pk=self.run.pk, state__in=ImportRun.OPEN).update(**chosen)
        for name, value in chosen.items():
            setattr(self.run, name, value)
