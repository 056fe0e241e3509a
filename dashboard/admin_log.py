"""What the admins of a program did, for each other: who, when and what, without content.

It also shows whom the directory or the operator invited or removed. It reads the audit log. Rows that concern another
program, or a row that was deleted since, are left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from itertools import groupby
from operator import or_

from django.apps import apps
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, User
from mentoring.models import Enrollment, Pair, Program

MOST = 2000  # the newest acts of a program's admins that are looked at
A = AuditEvent.Action

# The acts that co-admins see. Requests to talk are missing: they may concern a partner of the reader.
ACTS = {
    A.PROGRAM_CREATED: _("created the program"),
    A.PROGRAM_CHANGED: _("changed the program"),
    A.PROGRAM_RULES_CHANGED: _("changed attention rules or reminders"),
    A.PROGRAM_FILE_IMPORTED: _("imported a program file"),
    A.PROGRAM_FILE_EXPORTED: _("downloaded the program file"),
    A.API_TOKEN_CREATED: _("created an API token"),
    A.API_TOKEN_REVOKED: _("revoked an API token"),
    A.WEBHOOK_ADDED: _("added a webhook"),
    A.WEBHOOK_REMOVED: _("removed a webhook"),
    A.WEBHOOK_TESTED: _("tested a webhook"),
    A.WEBHOOK_SWITCHED_ON: _("switched a webhook on again"),
    A.DIRECTION_ADDED: _("added a priority or competency"),
    A.DIRECTION_DROPPED: _("removed a priority or competency"),
    A.RESOURCE_ADDED: _("added a resource"),
    A.RESOURCE_CHANGED: _("changed a resource"),
    A.AGENDAS_COPIED: _("copied agendas"),
    A.AGENDA_TEMPLATE_CHANGED: _("changed an agenda"),
    A.INVITED: _("invited"),
    A.ADDED: _("added"),
    A.INVITED_AGAIN: _("invited again"),
    A.REMOVED: _("removed"),
    A.GROUP_ROLE_STARTED: _("connected a directory group"),
    A.GROUP_ROLE_STOPPED: _("disconnected a directory group"),
    A.LEFT: _("left"),
    A.INVITATIONS_SENT: _("sent invitations"),
    A.INVITATION_LINKS_EXPORTED: _("downloaded invitation links"),
    A.PROFILE_EDITED_BY_ADMIN: _("edited a profile"),
    A.PEOPLE_EXPORTED: _("downloaded the list of people"),
    A.APPLICATION_ACCEPTED: _("accepted an application"),
    A.APPLICATION_DECLINED: _("declined an application"),
    A.IMPORT_UPLOADED: _("uploaded a file of people"),
    A.IMPORT_QUEUED: _("started an import of people"),
    A.PEOPLE_IMPORTED: _("imported people"),
    A.MATCHING_WEIGHTS_CHANGED: _("changed the matching weights"),
    A.MATCHING_RULES_CHANGED: _("changed the matching rules"),
    A.MATCHES_SUGGESTED: _("had matches suggested"),
    A.MATCH_PROPOSED: _("suggested a match"),
    A.PROPOSAL_LOCKED: _("locked a suggested match"),
    A.PROPOSAL_UNLOCKED: _("unlocked a suggested match"),
    A.PROPOSAL_REMOVED: _("dismissed a suggested match"),
    A.PAIRS_QUEUED: _("started pairs"),
    A.PAIR_STARTS_UNDONE: _("undid the start of pairs"),
    A.PAIR_STARTED: _("started a pair"),
    A.PAIR_PAUSED: _("paused a pair"),
    A.PAIR_RESUMED: _("resumed a pair"),
    A.PAIR_END_DATE_CHANGED: _("changed the end of a pair"),
    A.PAIR_END_DATES_MOVED: _("moved the end of pairs with the program"),
    A.PAIR_ENDED: _("ended a pair"),
    A.PAIR_END_UNDONE: _("undid the end of a pair"),
    A.PAIRS_EXPORTED: _("downloaded the list of pairs"),
    A.FLAG_SNOOZED: _("snoozed a pair"),
    A.FLAG_SHOWN_AGAIN: _("ended the snooze of a pair"),
    A.PAPERWORK_REMINDED: _("reminded pairs"),
    A.MENTOR_CONTACTED: _("logged a contact with a mentor"),
    A.FIGURES_EXPORTED: _("downloaded figures"),
}
# What the directory does, or the operator by a command: nobody is signed in then.
BY_NOBODY_SIGNED_IN = (A.INVITED, A.ADDED, A.INVITED_AGAIN, A.REMOVED, A.GROUP_ROLE_STARTED, A.GROUP_ROLE_STOPPED)
# Acts that the two people of a pair can do themselves: an admin who is one of them did it for themselves.
OF_THE_PAIR = {A.PAIR_PAUSED, A.PAIR_RESUMED, A.PAIR_ENDED, A.PAIR_END_UNDONE}
# Stored values, with anything in place of a detail.
PATTERNS = [(re.compile(re.escape(act.value).replace(r"\{\}", ".+")), label) for act, label in ACTS.items()]

# The path from a row to its program, by the model that an entry names.
PROGRAM_OF = {
    "mentoring.program": "pk",
    "mentoring.enrollment": "program",
    "mentoring.pair": "program",
    "mentoring.importrun": "program",
    "goals.priority": "program",
    "goals.competency": "program",
    "practice.resource": "program",
    "mentoring_sessions.agendatemplate": "program",
    "dashboard.flag": "pair__program",
}


@dataclass(frozen=True)
class Act:
    """One act of an admin, or the same one several `times` in a row; `whom` names a person or pair, if there is one.

    `who` is None for the directory or the operator.
    """

    at: datetime
    who: User | None
    what: Promise
    whom: str
    times: int = 1


def label_of(action: str) -> Promise | None:
    return next((label for pattern, label in PATTERNS if pattern.fullmatch(action)), None)


def acts_of_admins(program: Program, reader: User) -> list[Act]:
    """Return the newest acts of the current and former admins in this program, newest first."""
    admins = Enrollment.objects.filter(program=program, role=Enrollment.Role.ADMIN, accepted_at__isnull=False)
    people = {row.user_id: row.user for row in admins.select_related("user")}
    rows = sorted([*newest(user__in=people), *newest(by_directory_or_operator(), user=None)], key=lambda row: -row.pk)
    events = [(row, label) for row in rows if (label := label_of(row.action)) and ":" in row.subject]
    own = own_pairs(people, program)
    events = [one for one in events if one[0].action not in OF_THE_PAIR or (one[0].user_id, one[0].subject) not in own]
    names = names_of([row.subject for row, _label in events], program, reader)
    acts = (
        Act(row.created_at, people.get(row.user_id), label, names[row.subject])
        for row, label in events
        if row.subject in names
    )
    return [summed_up(list(run)) for _key, run in groupby(acts, lambda act: (act.who, act.what, act.at.date()))]


def newest(*wanted, **more) -> Iterable[AuditEvent]:
    return AuditEvent.objects.filter(*wanted, **more).order_by("-pk")[:MOST]


def by_directory_or_operator() -> Q:
    starts = [act.value.partition("{}")[0] for act in BY_NOBODY_SIGNED_IN]
    return reduce(or_, (Q(action__startswith=start) for start in starts))


def own_pairs(people: Iterable[int], program: Program) -> set[tuple[int, str]]:
    """Return each person with the pairs that they are one of, as entries name them."""
    pairs = Pair.objects.filter(Q(mentor__in=people) | Q(mentee__in=people), program=program)
    found = pairs.values_list("pk", "mentor", "mentee")
    return {(person, f"mentoring.pair:{pk}") for pk, *two in found for person in two}


def summed_up(run: list[Act]) -> Act:
    """Return what was done several times on one day as one act: an import invites hundreds of people."""
    return run[0] if len(run) == 1 else replace(run[0], whom="", times=len(run))


def names_of(subjects: list[str], program: Program, reader: User) -> dict[str, str]:
    """Return the names of those rows that belong to the program, by entry; an empty name if there is none to show."""
    wanted = defaultdict(set)
    for subject in subjects:
        label, _colon, pk = subject.partition(":")
        if pk.isdecimal():
            wanted[label].add(int(pk))
    found = {}
    for label, path in PROGRAM_OF.items():
        pks = sorted(wanted.get(label, ()))
        if not pks:
            continue
        rows = apps.get_model(label)._base_manager.filter(pk__in=pks, **{path: program.pk})
        if label == "dashboard.flag":  # admins see no flags of their own pairs
            rows = rows.exclude(Q(pair__mentor=reader) | Q(pair__mentee=reader))
            found |= {f"{label}:{pk}": "" for pk in rows.values_list("pk", flat=True)}
        elif label == "mentoring.enrollment":
            found |= {f"{label}:{row.pk}": row.shown_name for row in rows.select_related("user")}
        elif label == "mentoring.pair":
            found |= {f"{label}:{row.pk}": pair_name(row) for row in rows.select_related("mentor", "mentee")}
        else:
            found |= {f"{label}:{pk}": "" for pk in rows.values_list("pk", flat=True)}
    return found | names_of_people(wanted.get("accounts.user", set()), program)


def pair_name(pair: Pair) -> str:
    return f"{pair.mentor} · {pair.mentee}"


def names_of_people(pks: set[int], program: Program) -> dict[str, str]:
    """Return the names of people who are in this program and in no other, where the act could have been."""
    if not pks:
        return {}
    rows = Enrollment.objects.filter(user__in=pks).select_related("user").order_by("pk")
    programs, names = defaultdict(set), {}
    for row in rows:
        programs[row.user_id].add(row.program_id)
        names[row.user_id] = row.shown_name
    return {f"accounts.user:{pk}": names[pk] for pk, ids in programs.items() if ids == {program.pk}}
