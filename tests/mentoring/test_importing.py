"""Importing people from a file: reading it, a check of each line, then all or nothing; and profiles."""

import csv
import io
import random
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEvent, User
from mentoring import importing, tasks
from mentoring.importing import columns, table_reader
from mentoring.models import Enrollment, ImportRun, Profile
from tests import make

DATA = Path(__file__).parents[1] / "data"
HEAD = "email,name,role,team,wants,offers,capacity,timezone,style,hours,languages,manager\n"


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def admin(program):
    return make.admin(program)


def create_run(program, content: bytes, name: str = "people.csv", role: str = "") -> ImportRun:
    return importing.create_run(program, None, name, content, role)


def check(program, text: str, **how) -> importing.Report:
    return importing.check(create_run(program, text.encode(), **how))


def run_import(run: ImportRun, skip_errors: bool = False) -> ImportRun:
    run.begin(skip_errors)
    tasks.import_people()
    run.refresh_from_db()
    return run


# --- File formats ---


@pytest.mark.parametrize(
    ("name", "people", "first"),
    [
        ("people_240_utf8.csv", 240, "清水 稔"),
        ("people_excel_cp1252_semicolon.csv", None, "Émile Nguyen"),
        ("people_utf16_tab.txt", None, "清水 稔"),
        ("form_export_bom.csv", None, "清水 稔"),
        ("people_two_sheets_merged_header.xlsx", None, None),
    ],
)
def test_common_file_formats_are_detected(program, name, people, first):
    run = create_run(program, (DATA / name).read_bytes(), name)
    assert {"email", "name", "role"} <= set(run.columns), run.table["headings"]
    report = importing.check(run)
    found = report.count("new")
    assert found == people if people else found > 10, report.counts
    assert first in (None, next(line for line in report.lines if not line.errors).name)


def test_overlong_lines_are_explained(as_, program, admin):
    for content in ("email,name\n" + "a" * 140_000 + ",Ada\n", "a" * 140_000, '"' + "a,\n" * 70_000):
        file = SimpleUploadedFile("people.csv", content.encode())
        answer = as_(admin).post(reverse("import_create", args=[program.pk]), {"file": file})
        assert answer.status_code == 422
        assert "too long" in answer.content.decode() or "no people" in answer.content.decode()
        assert "field larger than" not in answer.content.decode()


def test_columns_and_cells_of_a_signup_form_are_understood(program):
    run = create_run(program, (DATA / "form_export_bom.csv").read_bytes())
    report = importing.check(run)
    lines = {line.email: line for line in report.lines}
    assert lines["person002@example.org"].roles == ["mentor", "mentee"]
    assert lines["person004@example.org"].account_values["zone"] == "Europe/London"
    assert lines["person000@example.org"].profile_values["wants"] == ["Public speaking"]
    assert run.columns["wants"] != run.columns["offers"]


def test_each_error_names_its_line_and_a_fix(program):
    report = importing.check(create_run(program, (DATA / "people_messy.csv").read_bytes()))
    text = " ".join(problem.text for line in report.wrong for problem in line.errors)
    expected = [
        "is not an email address",
        "No email address",
        "starts like a formula",
        "longer than 200",
        "Role must be",
    ]
    for words in [*expected, "their own manager", "never closed"]:
        assert words in text, words
    notes = " ".join(note.text for line in report.lines for note in line.notes)
    for words in ("imported once", "Same name as in line", "“Mars/Olympus” is unknown", "“17:00-09:00” were skipped"):
        assert words in notes, words
    assert "The manager “nobody@example.org” is not in this program or file" in notes
    assert report.count("new") > 50


def test_two_encodings_in_one_file_are_both_read(program):
    run = create_run(program, (DATA / "people_mixed_encoding.csv").read_bytes())
    assert [line.name for line in importing.check(run).lines] == ["José Pérez", "Jürgen Groß", "Zoe"]
    assert "mixes two encodings" in run.table["notes"][0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\x00\x00", "empty"),
        (b"email,name\n", "no people"),
        (b"PK\x03\x04 broken", "cannot be opened"),
        (b"\xd0\xcf\x11\xe0 old", "cannot be opened"),
        (b"email\n" + b"a@example.org\n" * 5001, "more than 5,000"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_an_unusable_file_is_explained(content, message):
    with pytest.raises(table_reader.Unreadable, match=message):
        table_reader.read(content, columns.field_of)


def test_a_zip_bomb_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (61 * 1024 * 1024))
    with pytest.raises(table_reader.Unreadable, match="too large when unpacked"):
        table_reader.read(packed.getvalue(), columns.field_of)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    try:
        table = table_reader.read(content, columns.field_of)
    except table_reader.Unreadable:
        return
    reader = importing.LineReader(table.headings, columns.guess(table.headings), "mentee", {}, 3)
    for row in table.rows:
        reader.line(row)


# --- Cells ---


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("2", 2), ("1-2", 2), ("zwei", 2), ("two", 2), ("2.0", 2), ("one or two", 2), ("1 or 2 mentees", 2)],
        *[("Up to 2", 2), ("2 max", 2), ("3+", 3), ("No more than 3", 3), ("5", 5), ("9", 9)],
        *[("0", 0), ("none", 0), ("not now", 0), ("Not at the moment", 0), ("keine", 0)],
        *[("-1", None), ("2.5", None), ("depends", None), ("as many as needed", None), ("2026", None)],
    ],
)
def test_common_ways_to_write_a_capacity_are_read(text, number):
    assert columns.capacity(text) == number


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Madrid", "Europe/Madrid"),
        ("NYC", "America/New_York"),
        ("London (UK)", "Europe/London"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Mars/Olympus", ""),
        ("EST", "America/New_York"),
        ("est", "America/New_York"),
        ("EST5EDT", "America/New_York"),
        ("MST", "America/Denver"),
        ("HST", "Pacific/Honolulu"),
        ("CET", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("GMT", ""),  # London in winter, Accra all year
        ("CST", ""),  # Chicago or Shanghai
        ("Etc/GMT+5", ""),
    ],
)
def test_common_ways_to_write_a_time_zone_are_read(text, zone):
    assert columns.zone(text) == zone


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("07:30-15:30", "7:30 15:30"),
        ("9 to 5", "9:00 17:00"),
        ("9am - 5pm", "9:00 17:00"),
        ("17:00-09:00", ""),
        ("25-26", ""),
    ],
)
def test_common_ways_to_write_working_hours_are_read(text, hours):
    found = columns.hours(text)
    assert (" ".join(f"{at.hour}:{at.minute:02}" for at in found) if found else "") == hours


def test_a_mentors_capacity_is_from_zero_to_the_programs_limit(as_, admin, program):
    text = "email,role,capacity\n" + "".join(
        f"{name}@example.org,{role},{capacity}\n"
        for name, role, capacity in [
            ("a", "mentor", "0"),
            ("b", "mentor", "5"),
            ("c", "mentor", "Up to 2"),
            ("d", "mentor", "it depends"),
            ("e", "mentee", "0"),
        ]
    )
    report = check(program, text)
    assert not report.wrong
    assert [group.title for group in report.note_groups()][1:] == [
        "More mentees than this program allows",
        "Unknown number of mentees",
    ], "shortened and unknown numbers have a note"
    form = {"name": "P", "starts_on": program.starts_on, "ends_on": program.ends_on, "cadence": "weekly"}
    as_(admin).post(reverse("program_edit", args=[program.pk]), form | {"minutes": 60, "most_mentees": 4})
    program.refresh_from_db()
    assert program.most_mentees == 4
    run_import(create_run(program, text.encode()))
    capacities = program.enrollments.filter(role="mentor").order_by("user__email").values_list("capacity", flat=True)
    assert list(capacities) == [0, 4, 2, 2]
    mentor = program.enrollments.get(user__email="a@example.org").user
    page = as_(admin).get(reverse("program_detail", args=[program.pk]), {"q": mentor.email}).content.decode()
    assert "takes no mentees now" in page


def test_several_roles_are_read_but_never_admin():
    assert columns.roles("Mentor, Mentee") == columns.roles("both") == ["mentor", "mentee"]
    assert columns.roles("") == [] and columns.roles("admin") is None and columns.roles("Chief") is None


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("Both (Mentee and Mentor)", "mentor mentee"),
        ("I want to be a mentor", "mentor"),
        ("mentors", "mentor"),
        ("I am looking for a mentor", "mentee"),
        ("I’d like to have a mentor", "mentee"),
        ("I’d like to be mentored", "mentee"),
        ("I would like a mentee", "mentor"),
        ("Mentee (learn from somebody)", "mentee"),
        ("not a mentor", None),
    ],
)
def test_roles_in_full_sentences_are_read(text, roles):
    assert columns.roles(text) == (roles and roles.split())


# --- The import ---


def test_importing_twice_changes_nothing(program):
    text = (
        HEAD + "ada@example.org,Ada Lind,mentee,Legal,Speaking,,,Asia/Kolkata,Gentle,9 to 5,English,sam@example.org\n"
    )
    text += "sam@example.org,Sam Okafor,both,Sales,,Coaching; Speaking,3,UK,Direct,,English,\n"
    run = run_import(create_run(program, text.encode()))
    assert (run.state, run.result["new"], run.table) == ("done", 2, {})
    ada = User.objects.get(email="ada@example.org")
    assert (ada.zone, f"{ada.works_until:%H:%M}", ada.has_usable_password()) == ("Asia/Kolkata", "17:00", False)
    profile = Profile.objects.get(user=ada)
    assert (profile.wants, profile.style, profile.manager.email) == (["Speaking"], "gentle", "sam@example.org")
    roles = program.enrollments.order_by("role").values_list("user__email", "role", "capacity", "accepted_at")
    assert [row[:3] for row in roles if row[1] == "mentor"] == [("sam@example.org", "mentor", 3)]
    assert len(roles) == 3 and not any(row[3] for row in roles), "invited, not accepted yet"
    before = list(Enrollment.objects.values()), list(Profile.objects.values())
    second_run = run_import(create_run(program, text.encode()))
    assert (second_run.result["new"], second_run.result["same"]) == (0, 2)
    assert (list(Enrollment.objects.values()), list(Profile.objects.values())) == before


def test_conflicting_lines_of_one_person_are_errors(program):
    text = "email,name,role,team\na@example.org,Ada,mentee,Legal\nA@Example.org,Ada,mentee,Sales\n"
    report = check(program, text)
    assert "as in line 2, but with different details" in report.wrong[0].errors[0].text


def test_one_error_stops_the_import_unless_skipped(program):
    text = "email,name,role\nada@example.org,Ada,mentee\nnonsense,Bo,mentee\n"
    run = run_import(create_run(program, text.encode()))
    assert run.state == "refused" and not User.objects.filter(email="ada@example.org").exists()
    run = run_import(run, skip_errors=True)
    assert run.state == "done" and run.result["wrong"] == 1
    assert User.objects.get(email="ada@example.org").name == "Ada"


def test_a_failure_during_the_import_stores_nothing(program, monkeypatch):
    def break_down(*_args):
        raise RuntimeError("power cut")

    run = create_run(program, b"email,role\nada@example.org,mentee\n")
    run.begin(skip_errors=False)
    monkeypatch.setattr(importing.writer, "update_profiles", break_down)
    with pytest.raises(RuntimeError):
        importing.import_people(run)
    assert not User.objects.filter(email="ada@example.org").exists()
    assert ImportRun.objects.get().state == "running", "another worker continues after a timeout"


def test_files_not_imported_are_deleted_after_a_month(program):
    old, young = (create_run(program, b"email,role\nada@example.org,mentee\n") for _ in range(2))
    ImportRun.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    tasks.import_people()
    assert list(ImportRun.objects.all()) == [young]


def test_two_workers_run_an_import_once(program):
    run = create_run(program, b"email,role\nada@example.org,mentee\n")
    run.begin(skip_errors=False)
    assert run.claim() and not run.claim()


def test_missing_values_and_existing_names_are_kept(program):
    known = make.user("Ada Lind", email="ada@example.org", zone="Asia/Kolkata")
    Profile.objects.create(program=program, user=known, wants=["Speaking"], team="Legal")
    run_import(create_run(program, b"email,name,role,team,timezone\nADA@example.org,Someone,mentee,Sales,UK\n"))
    known.refresh_from_db()
    profile = Profile.objects.get()
    assert (known.name, known.zone, profile.team, profile.wants) == ("Ada Lind", "Asia/Kolkata", "Sales", ["Speaking"])


def test_importing_people_who_left_invites_them_again(program):
    row = make.enrollment(program, make.user(email="ada@example.org"), "mentee", left_at="2026-01-01T00:00Z")
    run_import(create_run(program, b"email,role\nada@example.org,mentee\n"))
    row.refresh_from_db()
    assert (row.left_at, row.accepted_at) == (None, None)


def test_lines_without_a_role_get_the_chosen_role(program):
    assert check(program, "email\nada@example.org\n").wrong
    assert check(program, "email\nada@example.org\n", role="mentor").count("new") == 1


def test_indirect_cycles_of_managers_are_errors(program):
    text = HEAD + "".join(f"{a}@example.org,,mentee,,,,,,,,,{b}@example.org\n" for a, b in ("ab", "bc", "ca", "dd"))
    errors = [" ".join(error.text for error in line.errors) for line in check(program, text).lines]
    assert all("their own manager" in words for words in errors)


# --- In the browser ---


def upload(client, program, content: bytes, name: str = "people.csv", **fields) -> str:
    """Upload a file and return the URL of its page."""
    file = SimpleUploadedFile(name, content)
    sent = client.post(reverse("import_create", args=[program.pk]), {"file": file, **fields})
    assert sent.status_code == 302, sent.content.decode()
    return sent.url


def test_an_admin_reviews_maps_columns_and_imports(as_, admin, program):
    content = b"Kontakt;Wer\nada@example.org;Ada Lind\n" + b"x;Bo\n" * 12
    client = as_(admin)
    url = upload(client, program, content, role="mentee")
    page = client.get(url).content.decode()
    assert "12 lines have errors" not in page and "Choose the column that holds the email address" in page
    assert "ada@example.org" in page, "the first values help to choose"
    wrong = client.post(url, {"column_1": "name", "role_of_all": "mentee"})
    assert wrong.status_code == 422 and "Choose the column" in wrong.content.decode()
    chosen = {"column_0": "email", "column_1": "name", "role_of_all": "mentee"}
    live = client.post(url, chosen, headers={"HX-Request": "true"}).content.decode()
    assert "1 person is new" in live and "<html" not in live, "the count follows the choice"
    page = client.get(url).content.decode()
    assert "1 person is new" in page and "12 lines have errors" in page and "Line 4" in page
    assert "Not an email address" in page and "Showing the first 10 of 12 lines." in page
    run = ImportRun.objects.get()
    errors = client.get(reverse("import_errors", args=[run.pk])).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(errors)))[1][2:] == ["x", "Bo"]
    every = client.get(reverse("import_lines", args=[run.pk])).content.decode("utf-8-sig")
    assert [row[:2] for row in csv.reader(io.StringIO(every))][:3] == [["Line", "Result"], ["2", "new"], ["3", "error"]]
    client.post(reverse("import_start", args=[run.pk]), {"skip_errors": "1"})
    assert "of 13 lines" in client.get(url).content.decode()
    tasks.import_people()
    assert "New: 1." in client.get(url).content.decode()
    assert program.enrollments.get(role="mentee").user.name == "Ada Lind"
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PEOPLE_IMPORTED).exists()
    run.refresh_from_db()
    assert not run.content and not run.table, "the file is deleted"


def test_without_a_script_changed_columns_are_checked_first(as_, admin, program):
    client = as_(admin)
    url = upload(client, program, b"email,alias\nada@example.org,Ada\n", role="mentee")
    start = reverse("import_start", args=[ImportRun.objects.get().pk])
    chosen = {"column_0": "email", "column_1": "name", "role_of_all": "mentee"}
    assert "You changed how the lines are read" in client.post(start, chosen, follow=True).content.decode()
    assert ImportRun.objects.get().state == "ready"
    client.post(start, chosen)
    assert "0 of 1 lines" in client.get(url).content.decode()


def test_an_unreadable_file_shows_the_form_again(as_, admin, program):
    answer = as_(admin).post(
        reverse("import_create", args=[program.pk]), {"file": SimpleUploadedFile("x.csv", b"email\n")}
    )
    assert answer.status_code == 422 and "There are no people" in answer.content.decode()


def test_an_export_can_be_imported(as_, admin, program):
    run_import(create_run(program, (DATA / "people_240_utf8.csv").read_bytes()))
    file = as_(admin).post(reverse("people_export", args=[program.pk])).getvalue()
    elsewhere = make.program("Elsewhere")
    report = importing.check(create_run(elsewhere, file))
    assert not report.wrong
    run_import(create_run(elsewhere, file))
    assert elsewhere.enrollments.count() == program.enrollments.exclude(role="admin").count()
    facts = [name for name in Profile.FACTS if name != "interests"]
    sides = [list(p.profiles.order_by("user__email").values_list("user__email", *facts)) for p in (program, elsewhere)]
    assert sides[0] == sides[1]


def test_no_cell_of_the_export_becomes_a_formula(as_, admin, program):
    make.enrollment(program, make.user("=cmd|' /C calc'!A0"), "mentee")
    answer = as_(admin).post(reverse("people_export", args=[program.pk]))
    assert answer.streaming, "the file is streamed"
    text = answer.getvalue().decode("utf-8-sig")
    assert "'=cmd" in text and ",=cmd" not in text


def test_no_heading_of_the_error_file_becomes_a_formula(as_, admin, program):
    run = create_run(program, b"email,=cmd()\nnobody,x\n")
    text = as_(admin).get(reverse("import_errors", args=[run.pk])).getvalue().decode("utf-8-sig")
    assert "'=cmd()" in text and ",=cmd()" not in text


# --- Profiles ---


def test_people_edit_their_profile_and_exclude_partners(as_, pair, sam, ada):
    url = reverse("profile_edit", args=[pair.program_id])
    make.competency(pair.program, "Says no early")
    assert "Says no early" in as_(sam).get(url).content.decode(), "both sides choose from the same terms"
    as_(sam).post(
        url, {"offers": "Coaching, Speaking", "style": "direct", "languages": "English\nGerman", "capacity": 3}
    )
    profile = Profile.objects.get()
    assert (profile.offers, profile.languages, profile.user) == (["Coaching", "Speaking"], ["English", "German"], sam)
    assert Enrollment.objects.get(user=sam).capacity == 3
    wrong = as_(sam).post(url, {"offers": "Kept", "capacity": 9, "manager_email": "nobody@example.org"})
    assert wrong.status_code == 422 and "Kept" in wrong.content.decode()
    as_(sam).post(reverse("never_pair_create", args=[pair.program_id]), {"name": "ada", "other": ada.pk})
    assert "Ada Lind" in as_(sam).get(url).content.decode().split('id="never"')[1]
    assert 'id="never"' in as_(ada).get(url).content.decode()
    assert "Sam Okafor</div>" not in as_(ada).get(url).content.decode(), "it is never shown to the other person"


def test_never_pairs_are_searched_among_people_who_accepted(as_, pair, sam, ada):
    program, client = pair.program, as_(ada)
    make.participant(program, "mentor", "Émile Noël")
    pending = make.user("Lena Brandt", email="lena@example.org")
    make.enrollment(program, pending, "mentor", accepted_at=None)
    nameless = make.user(email="nobody-knows@example.org")
    make.enrollment(program, nameless, "mentor")
    type(nameless).objects.filter(pk=nameless.pk).update(name="")
    url, add = reverse("profile_edit", args=[program.pk]), reverse("never_pair_create", args=[program.pk])

    def names(typed: str | None = None) -> str:
        return client.get(url, {"name": typed} if typed is not None else {}).content.decode().split('id="never"')[1]

    assert not any(name in names() for name in ("Okafor", "Noël", "Brandt", "nobody-knows"))
    assert "Émile Noël" in names("emile") and "Émile Noël" in names("NOEL em") and "Okafor" not in names("emile")
    for typed in ("lena", "lena@example.org", "nobody", "example.org", "e", ""):
        assert not any(name in names(typed) for name in ("Brandt", "Noël", "nobody-knows", "example.org</")), typed
    refused = client.post(add, {"name": "Lena", "other": pending.pk})
    assert refused.status_code == 422 and 'value="Lena"' in refused.content.decode()
    assert client.post(add, {"name": "zz", "other": sam.pk}).status_code == 422
    assert client.post(add, {"name": "sam", "other": sam.pk}).status_code == 302
    assert "Sam Okafor" in names() and program.never_pairs.get().other == sam


def test_manager_cycles_and_managers_within_a_pair_are_rejected(as_, pair, sam, ada, admin):
    program = pair.program
    make.enrollment(program, admin, "admin")
    lena = make.participant(program, "mentee", "Lena Brandt")
    kofi = make.participant(program, "mentor", "Kofi Mensah")
    own_profile_url = reverse("profile_edit", args=[program.pk])
    lenas_profile_url, adas_profile_url = (
        reverse("enrollment_profile", args=[program.enrollments.get(user=one, role="mentee").pk]) for one in (lena, ada)
    )

    def manager(of) -> str:
        return Profile.objects.filter(program=program, user=of).values_list("manager__name", flat=True).first() or ""

    for client, url in ((as_(ada), own_profile_url), (as_(admin), adas_profile_url)):
        refused = client.post(url, {"team": "Kept", "manager_email": sam.email})
        assert refused.status_code == 422 and "End that pair first" in refused.content.decode()
        assert "Kept" in refused.content.decode() and manager(ada) == ""
    assert as_(kofi).post(own_profile_url, {"capacity": 2, "manager_email": sam.email}).status_code == 302
    assert as_(ada).post(own_profile_url, {"manager_email": kofi.email}).status_code == 422, "also in two steps"

    assert as_(lena).post(own_profile_url, {"manager_email": kofi.email}).status_code == 302
    assert as_(admin).post(lenas_profile_url, {"team": "Still saved", "manager_email": kofi.email}).status_code == 302
    circle = as_(sam).post(own_profile_url, {"capacity": 2, "manager_email": lena.email})
    assert circle.status_code == 422 and "directly or through others" in circle.content.decode()
    assert (manager(sam), manager(lena)) == ("", "Kofi Mensah")

    by_hand = {
        role: program.enrollments.get(user=one, role=role).pk for role, one in (("mentor", sam), ("mentee", lena))
    }
    against = as_(admin).post(reverse("pair_create", args=[program.pk]), by_hand)
    assert against.status_code == 422 and "One of them reports to the other." in against.content.decode()


def test_five_thousand_lines_are_checked_with_few_queries(program, django_assert_max_num_queries):
    generator = random.Random(1)
    lines = "".join(f"p{n}@example.org,Person {n},{generator.choice(['mentor', 'mentee'])}\n" for n in range(5000))
    run = create_run(program, ("email,name,role\n" + lines).encode())
    with django_assert_max_num_queries(40):
        assert importing.check(run).count("new") == 5000


def test_grades_are_imported_and_exported(as_, program, admin):
    lines = "email,role,Job grade\na@example.org,mentee,L5\nb@example.org,mentor,Grade 12\nc@example.org,mentor,Lead\n"
    run = create_run(program, lines.encode())
    assert any("has no number" in str(note) for line in importing.check(run).lines for note in line.notes)
    run_import(run)
    assert list(Profile.objects.order_by("user__email").values_list("grade", flat=True)) == [5, 12, None]
    saved = as_(admin).post(reverse("people_export", args=[program.pk])).getvalue().decode()
    other_program = make.program("Elsewhere")
    run_import(create_run(other_program, saved.encode()))
    assert sorted(Profile.objects.filter(program=other_program, grade__gt=0).values_list("grade", flat=True)) == [5, 12]
