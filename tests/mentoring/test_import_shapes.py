"""Imports read the files of people that other programs export."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from mentoring import importing, tasks
from mentoring.importing import columns, table_reader
from mentoring.models import ImportRun
from tests import make

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def admin(program):
    return make.admin(program)


def create_run(program, content: bytes | str, name: str = "people.csv") -> ImportRun:
    return importing.create_run(program, None, name, content if isinstance(content, bytes) else content.encode(), "")


def people(run: ImportRun) -> dict[str, importing.Line]:
    """The lines without errors, by email address."""
    return {line.email: line for line in importing.check(run).lines if not line.errors}


def workbook(**sheets: list[list]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


def with_rows(content: bytes, xml: bytes) -> bytes:
    """The spreadsheet with additional XML at the end of its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            data = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", xml + b"</sheetData>")
            target.writestr(part.filename, data)
    return out.getvalue()


ONE = [["email", "name", "role"], ["ada@example.org", "Ada Lind", "mentee"]]

# --- Spreadsheets ---


@pytest.mark.parametrize("name", ["wrong_dimension.xlsx", "people.ods", "people.xls"])
def test_spreadsheets_of_every_kind_are_read(program, name):
    found = people(create_run(program, (DATA / name).read_bytes(), name))
    assert {line.name: line.roles for line in found.values()} == {
        "Ada Lind": ["mentee"],
        "Sam Okafor": ["mentor"],
        "Bo Berg": ["mentee"],
    }


def test_cells_of_a_spreadsheet_are_read_as_displayed(program):
    rows = [["email", "role", "capacity", "team"], ["sam@example.org", "mentor", 2.0, 2026]]
    line = people(create_run(program, workbook(People=rows)))["sam@example.org"]
    assert (line.capacity, line.profile_values["team"]) == (2, "2026")


def test_a_malicious_spreadsheet_is_refused(as_, admin, program):
    millions = with_rows(workbook(People=ONE), b"<row/>" * 8_000_000)
    assert len(millions) < 100_000
    far = with_rows(workbook(People=ONE), b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    before = os.times()
    for content in (millions, far):
        sent = {"file": SimpleUploadedFile("people.xlsx", content)}
        answer = as_(admin).post(reverse("import_create", args=[program.pk]), sent)
        assert answer.status_code == 422 and "too large when unpacked" in answer.content.decode()
    used = os.times()
    assert used.user + used.children_user - before.user - before.children_user < 5, "seconds of processor time"


def test_a_stray_cell_far_below_is_ignored(program):
    content = with_rows(workbook(People=ONE), b'<row r="900000"><c r="A900000"><v>1</v></c></row>')
    assert "ada@example.org" in people(create_run(program, content))


def test_a_large_file_is_read_in_the_background(as_, admin, program, monkeypatch):
    monkeypatch.setattr(table_reader, "LIGHT_BYTES", 10)
    file = SimpleUploadedFile("people.csv", b"email,name,role\nada@example.org,Ada Lind,mentee\n")
    client = as_(admin)
    url = client.post(reverse("import_create", args=[program.pk]), {"file": file}).url
    assert "read in the background" in client.get(url).content.decode()
    tasks.import_people()
    progress = client.get(reverse("import_progress", args=[ImportRun.objects.get().pk]), headers={"HX-Request": "true"})
    assert progress.headers["HX-Refresh"] == "true", "the page reloads once the file is read"
    assert "1 person is new" in client.get(url).content.decode()


def test_an_error_in_a_large_file_is_explained(as_, admin, program, monkeypatch):
    monkeypatch.setattr(table_reader, "LIGHT_BYTES", 10)
    file = SimpleUploadedFile("people.csv", b"email,name,role\n")
    client = as_(admin)
    url = client.post(reverse("import_create", args=[program.pk]), {"file": file}).url
    tasks.import_people()
    page = client.get(url).content.decode()
    assert "There are no people below the headings." in page and "Choose another file" in page
    assert not ImportRun.objects.get().content


def test_reading_continues_after_a_worker_died(program, monkeypatch):
    monkeypatch.setattr(table_reader, "LIGHT_BYTES", 10)
    run = create_run(program, "email,role\nada@example.org,mentee\n")
    assert run.claim_reading() and not run.claim_reading()
    ImportRun.objects.update(progress_at="2026-01-01T00:00Z")
    tasks.import_people()
    run.refresh_from_db()
    assert run.state == "ready"


def test_one_of_several_sheets_can_be_chosen(as_, admin, program):
    others = [
        ["email", "name", "role"],
        ["bo@example.org", "Bo Berg", "mentor"],
        ["lena@example.org", "Lena", "mentor"],
    ]
    content = workbook(Mentees=ONE, Mentors=others, Notes=[["Ask Priya"]])
    client = as_(admin)
    file = SimpleUploadedFile("people.xlsx", content)
    url = client.post(reverse("import_create", args=[program.pk]), {"file": file}).url
    page = client.get(url).content.decode()
    assert "The file has 3 sheets; “Mentors” was read." in page and "2 people are new" in page
    read_url = reverse("import_read", args=[ImportRun.objects.get().pk])
    client.post(read_url, {"sheet": "Mentees", "headings": "1"})
    assert "1 person is new" in client.get(url).content.decode()
    wrong = client.post(read_url, {"sheet": "Notes", "headings": "1"})
    assert wrong.status_code == 422 and "There are no people" in wrong.content.decode()
    assert "1 person is new" in client.get(url).content.decode(), "people read before are kept"


# --- Delimiters, headings, columns ---


@pytest.mark.parametrize(
    ("text", "delimiter", "headings"),
    [
        ("Participants, cohort 3\nE-Mail;Name;Rolle\nada@example.org;Ada Lind;mentee\n", ";", 2),
        ("Participants cohort 3\nemail,name,role\nada@example.org,Ada Lind,mentee\n", ",", 2),
        ("Questions, comments:\nhr@example.org\n\nemail\tname\trole\nada@example.org\tAda Lind\tmentee\n", "\t", 4),
        ("email|name|role|wants\nada@example.org|Ada Lind|mentee|Budgets, trust, time\n", "|", 1),
        ("email;name;role;wants\n" + "ada@example.org;Ada Lind;mentee;a, b, c, d, e, f\n", ";", 1),
        ("email,name,role,wants\n" + "ada@example.org,Ada Lind,mentee,a; b; c; d; e; f\n", ",", 1),
        ("contact mail,who,role\nada@example.org,Ada Lind,mentee,Department of Peace,Languages,Name\n", ",", 1),
        ("ada@example.org,Ada Lind,mentee\nbo@example.org,Bo,mentee\n", ",", 0),
    ],
)
def test_delimiter_and_headings_are_detected_from_all_lines(program, text, delimiter, headings):
    run = create_run(program, text)
    assert (run.table["read_as"]["delimiter"], run.table["read_as"]["headings"]) == (delimiter, headings)
    assert people(run)["ada@example.org"].roles == ["mentee"]


def test_the_page_shows_the_first_rows_and_offers_choices(as_, admin, program):
    content = b"Name;Team;Role\nWho;Where to write;As what\nAda Lind;ada@example.org;mentee\n"
    client = as_(admin)
    url = client.post(
        reverse("import_create", args=[program.pk]), {"file": SimpleUploadedFile("people.csv", content)}
    ).url
    page = client.get(url).content.decode()
    assert "How the file was read" in page and "Where to write" in page and 'value="2">Row 2: Who' in page
    read_url = reverse("import_read", args=[ImportRun.objects.get().pk])
    client.post(read_url, {"delimiter": ";", "headings": "2"})
    assert ImportRun.objects.get().table["headings"] == ["Who", "Where to write", "As what"]
    client.post(read_url, {"delimiter": ",", "headings": "2"})
    assert len(ImportRun.objects.get().table["headings"]) == 1
    client.post(read_url, {"delimiter": ";", "headings": "1"})
    client.post(read_url, {"delimiter": ";", "headings": "0"})
    assert len(ImportRun.objects.get().table["rows"]) == 3


def test_many_columns_are_read_and_too_many_are_explained(program):
    wide = ",".join(f"q{n}" for n in range(199)) + ",email,role\n" + "," * 199 + "ada@example.org,mentee\n"
    assert "ada@example.org" in people(create_run(program, wide))
    with pytest.raises(table_reader.Unreadable, match="more than 300 columns"):
        create_run(program, "email" + ",q" * 300 + "\na@example.org" + ",x" * 300)
    with pytest.raises(table_reader.Unreadable, match="more than 300 columns"):
        create_run(program, workbook(People=[["email", *["q"] * 300], ["a@example.org", *["x"] * 300]]))
    assert "ada@example.org" in people(create_run(program, "email,role" + "," * 400 + "\nada@example.org,mentee\n"))


def test_each_shortened_value_has_a_note(program):
    things = ";".join(f"thing {n}" for n in range(30))
    run = create_run(
        program,
        f"email,role,wants,team\nada@example.org,mentee,{things},{'x' * 130}\nbo@example.org,mentee,{'y' * 6000},\n",
    )
    notes = {
        line.email: [note.text for note in line.notes if note.kind == "cut"] for line in importing.check(run).lines
    }
    assert len(notes["ada@example.org"]) == 2 and "only the first 20 items are kept" in notes["ada@example.org"][0]
    assert "longer than 5,000" in notes["bo@example.org"][0]


# --- Exports of other programs ---


def test_the_export_of_a_personnel_system_is_read(program):
    line = people(
        create_run(
            program,
            "Employee ID,Manager's email,Manager name,Employee email,First name,Last name,Job title,Department,Role\n"
            "17,lena@example.org,Lena Brandt,ada@example.org,Ada,Lind,Lead,Legal,mentee\n"
            "18,,,lena@example.org,Lena,Brandt,Head,Legal,mentor\n",
        )
    )["ada@example.org"]
    assert (line.name, line.manager, line.profile_values["team"]) == ("Ada Lind", "lena@example.org", "Legal")


def test_managers_are_found_by_name(program):
    text = (
        "Email,Name,Role,Manager\nada@example.org,Ada,mentee,Lena Brandt\nlena@example.org,Lena Brandt,mentor,Nobody\n"
    )
    found = people(create_run(program, text))
    assert found["ada@example.org"].manager == "lena@example.org"
    assert [note.kind for note in found["lena@example.org"].notes] == ["manager"]


def test_survey_questions_as_headings_are_understood(program):
    text = (
        "What is your email address?,Your Name,Would you like to be a mentor or a mentee?,"
        "What would you like to learn?,Which skills can you help others with?,How many mentees could you take?\n"
        'ada@example.org,Ada Lind,I want to be a mentee,"Budgets, Trust",,\n'
        "sam@example.org,Sam Okafor,Both (Mentee and Mentor),Time,Budgets,Up to 2\n"
    )
    found = people(create_run(program, text))
    assert found["ada@example.org"].profile_values["wants"] == ["Budgets", "Trust"]
    sam = found["sam@example.org"]
    assert (sam.roles, sam.capacity, sam.profile_values["offers"]) == (["mentor", "mentee"], 2, ["Budgets"])


@pytest.mark.parametrize("heading", ["Your Name", "full_name", "FullName", "Name / Nombre", "Employee Name"])
def test_headings_for_a_name_are_recognized(heading):
    assert columns.field_of(heading) == "name"


@pytest.mark.parametrize(
    "heading", ["Emergency contact name", "Username", "Company name", "Job role", "Assistant email"]
)
def test_similar_headings_are_not_taken_for_a_name(heading):
    assert columns.field_of(heading) == ""


def test_headings_in_two_languages_and_lines_are_read(program):
    one = "E-Mail / Correo,Name / Nombre,Rolle (Role)\nada@example.org,Ada,Mentorin\n"
    assert people(create_run(program, one))["ada@example.org"].roles == ["mentor"]
    two = "Email,Name,Role\nCorreo,Nombre,Rol\nada@example.org,Ada,mentora\nbo@example.org,Bo,aprendiz\n"
    assert [line.roles for line in people(create_run(program, two)).values()] == [["mentor"], ["mentee"]]


@pytest.mark.parametrize(
    "text",
    [
        "Email,Role,What would you like to learn? [Budgets],What would you like to learn? [Public speaking]\n"
        "ada@example.org,mentee,x,Yes\nbo@example.org,mentee,,No\n",
        "Email,Role,What would you like to learn?,\n,,Budgets,Public speaking\n"
        "ada@example.org,mentee,1,TRUE\nbo@example.org,mentee,0,\n",
        "Email,Role,Learn: Budgets,Learn: Public speaking\n"
        "ada@example.org,mentee,Budgets,Public speaking\nbo@example.org,mentee,,\n",
    ],
)
def test_a_checkbox_matrix_becomes_one_list(program, text):
    run = create_run(program, text)
    if "wants" not in run.columns:
        run.columns["wants"] = [2, 3]
    found = people(run)
    assert found["ada@example.org"].profile_values["wants"] == ["Budgets", "Public speaking"]
    assert found["bo@example.org"].profile_values["wants"] == []


def test_checkbox_columns_set_the_roles(program):
    text = "Email,I would like to be [Mentor],I would like to be [Mentee]\nada@example.org,x,x\nbo@example.org,,x\n"
    found = people(create_run(program, text))
    assert [line.roles for line in found.values()] == [["mentor", "mentee"], ["mentee"]]


def test_unknown_roles_are_mapped_in_one_step(as_, admin, program):
    file = SimpleUploadedFile(
        "p.csv", b"email,role\nada@example.org,Explorer\nbo@example.org,explorer\nsam@example.org,Navigator\n"
    )
    client = as_(admin)
    url = client.post(reverse("import_create", args=[program.pk]), {"file": file}).url
    page = client.get(url).content.decode()
    assert "3 lines have errors" in page and "What these roles mean" in page
    chosen = {"column_0": "email", "column_1": "role", "word_0": "mentee", "word_1": "mentor mentee"}
    client.post(url, chosen)
    assert "3 people are new" in client.get(url).content.decode()
    assert people(ImportRun.objects.get())["sam@example.org"].roles == ["mentor", "mentee"]


def test_the_meaning_of_skills_is_chosen_by_role(as_, admin, program):
    text = b"email,role,Skills\nada@example.org,mentee,Budgets\nsam@example.org,mentor,Trust\n"
    client = as_(admin)
    file = SimpleUploadedFile("p.csv", text)
    url = client.post(reverse("import_create", args=[program.pk]), {"file": file}).url
    page = client.get(url).content.decode()
    run = ImportRun.objects.get()
    assert "“Skills” can be what mentees want to learn" in page and "Import 2 people" not in page
    client.post(reverse("import_start", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "ready", "an answer is required"
    client.post(url, {"column_0": "email", "column_1": "role", "column_2": "topics"})
    assert "Import 2 people" in client.get(url).content.decode()
    found = people(ImportRun.objects.get())
    assert (found["ada@example.org"].profile_values["wants"], found["ada@example.org"].profile_values["offers"]) == (
        ["Budgets"],
        [],
    )
    assert (found["sam@example.org"].profile_values["wants"], found["sam@example.org"].profile_values["offers"]) == (
        [],
        ["Trust"],
    )


def test_skills_need_no_choice_if_all_are_mentors(program):
    run = create_run(program, "email,role,Skills\nsam@example.org,mentor,Trust\n")
    assert not importing.check(run).ambiguous_columns and people(run)["sam@example.org"].profile_values["offers"] == [
        "Trust"
    ]


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("2026/11/03 9:14:22 AM GMT+1", "2026/11/04 8:00:00 PM GMT+1", "Trust"),
        ("2026-11-04 08:00", "2026-11-03 09:14", "Budgets"),
        ("11/4/2026 8:00:00", "11/13/2026 9:14:00", "Trust"),
        ("", "", "Trust"),
    ],
)
def test_the_newest_of_repeated_lines_counts_if_chosen(as_, admin, program, first, second, counts):
    text = "Timestamp,Email,Role,I want to learn\n"
    text += f"{first},ada@example.org,mentee,Budgets\n{second},ADA@example.org,mentee,Trust\n"
    client = as_(admin)
    file = SimpleUploadedFile("p.csv", text.encode())
    url = client.post(reverse("import_create", args=[program.pk]), {"file": file}).url
    page = client.get(url).content.decode()
    assert "One person with different details" in page and "use only the newest line" in page
    chosen = {f"column_{n}": name for n, name in enumerate(["submitted", "email", "role", "wants"])}
    client.post(url, chosen | {"latest_line_only": "on"})
    assert "1 person is new" in client.get(url).content.decode()
    client.post(reverse("import_start", args=[ImportRun.objects.get().pk]))
    tasks.import_people()
    assert program.profiles.get().wants == [counts]
