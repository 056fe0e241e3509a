"""Print what the pages of the demo answer to its people, as JSON; run by `manage.py shell` of any version."""

import json

from django.test import Client
from django.urls import reverse

from accounts.models import Installation, User
from mentoring.models import Pair, Program
from sessions.models import PrivateNote

assert Installation.current().demo
answers, notes = {}, []


def get(user, name, *args):
    url = reverse(name, args=args)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answers[f"{user} {url}"] = client.get(url, follow=True).status_code


for pair in Pair.objects.select_related("mentor", "mentee")[:3]:
    for person in pair.people:
        for page in ("pair_detail", "progress", "goal_list", "plan_list", "outcome_list"):
            get(person, page, pair.pk)
    for session in pair.sessions.order_by("-starts_at")[:2]:
        get(pair.mentor, "session_detail", session.pk)
    for page in ("home", "session_list", "commitment_list", "inbox_list", "preferences"):
        get(pair.mentee, page)
program = Program.objects.get()
admin = User.objects.filter(enrollments__role="admin", enrollments__program=program).first()
for page in ("program_detail", "program_overview", "program_reminders", "program_rules"):
    get(admin, page, program.pk)
notes = [note.text for note in PrivateNote.objects.all()]
print(json.dumps({"answers": answers, "notes": notes}))
