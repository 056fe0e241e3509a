"""The rows of the practice pages in the access table (tests/access.py)."""

from practice.inventory_files import newest
from practice.models import Buddies, BuddyUpdate
from tests.audiences import (
    ADMIN,
    IN_P,
    MEMBERS,
    MENTEE,
    MENTEES_OF_P,
    MENTOR,
    MENTORS_OF_P,
    MENTORS_PAGE,
    NOBODY,
    PAIR,
    Row,
)

# An entry that the mentee shares with nobody.
OWN = ("own entry",)
STATEMENT = next(one for one in newest() if one.name == "strengths").statements[0].key
PLAN = {"kind": "lesson", "per_week": 1, "weekday": 5, "at": "16:00"}
CONVERSATION = ("own conversation",)
EXPERIMENT = ("own experiment",)
STAKEHOLDER = {"name": "Marta", "influence": "5", "support": "2"}
INTRODUCTION = ("introduction",)
OWN_INVENTORY = ("own inventory of a program",)
RESOURCE = ("pair resource",)
OFFER = {"title": "Lead the retro", "text": "Of the launch", "places": "1", "apply_by": "2026-12-24", "version": "1"}
OPPORTUNITY, APPLICATION = ("opportunity",), ("opportunity application",)
BUDDIES = MENTEE | {"other mentee"}
TABLE = {
    "practice_list": Row(get=MEMBERS),
    "practice_export": Row(get=MEMBERS),
    "entry_create": Row(get=MEMBERS, post=MEMBERS, args=("reflection",)),
    "note_create": Row(get=MEMBERS, post=MEMBERS, data={"template": "meeting"}),
    "note_template_list": Row(get=MEMBERS),
    "note_template_copy": Row(get=None, post=MEMBERS, data={"template": "meeting"}),
    "entry_list": Row(get=MEMBERS, args=("lesson",)),
    "entry_detail": Row(get=MENTEE, args=OWN),
    "entry_edit": Row(get=MENTEE, post=MENTEE, args=OWN, data={"lesson": "Ask first"}),
    "entry_link": Row(get=None, post=MENTEE, args=OWN),
    "entry_share": Row(get=None, post=MENTEE, args=("own entry", "pair"), data={"on": "1"}),
    "entry_commit": Row(get=None, post=MENTEE, args=OWN),
    "entry_to_agenda": Row(get=None, post=MENTEE, args=OWN),
    "entry_one_pager": Row(get=MENTEE, args=("own talking points",)),
    "entry_more": Row(get=None, post=MENTEE, args=("own pitch",)),
    "entry_delete": Row(get=MENTEE, post=MENTEE, args=OWN),
    "practice_plan_create": Row(get=MEMBERS, post=MEMBERS, data=PLAN),
    "practice_plan_edit": Row(get=MENTEE, post=MENTEE, args=("own plan",), data=PLAN | {"title": "Ask first"}),
    "practice_plan_skip": Row(get=None, post=MENTEE, args=("own plan",), data={"on": "1"}),
    "practice_plan_tick": Row(get=None, post=MENTEE, args=("own plan",), data={"on": "1"}),
    "practice_plan_stop": Row(get=None, post=MENTEE, args=("own plan",)),
    "rehearsal_create": Row(get=MENTEE, post=MENTEE, args=CONVERSATION, data={"seat": "own", "before": "2"}),
    "debrief_create": Row(get=MENTEE, post=MENTEE, args=CONVERSATION),
    "experiment_begin": Row(get=None, post=MENTEE, args=EXPERIMENT, data={"on": "1"}),
    "experiment_finish": Row(get=None, post=MENTEE, args=EXPERIMENT, data={"result": "failed"}),
    "pair_rehearsals": Row(get=PAIR, args=("pair",)),
    "introduction_list": Row(get=PAIR, args=("pair",)),
    "introduction_create": Row(get=MENTEE, post=MENTEE, args=("pair",), data={"whom": "Lin"}),
    "introduction_edit": Row(get=PAIR, post=PAIR, args=INTRODUCTION, data={"whom": "Lin", "version": 1}),
    "introduction_drop": Row(get=None, post=PAIR, args=INTRODUCTION),
    "introduction_reopen": Row(get=None, post=PAIR, args=INTRODUCTION),
    "introduction_make": Row(get=None, post=MENTOR, args=INTRODUCTION, data={"on": "1"}),
    "introduction_talk": Row(get=None, post=MENTEE, args=INTRODUCTION, data={"on": "1"}),
    "introduction_learn": Row(get=MENTEE, post=MENTEE, args=INTRODUCTION, data={"learned": "Ask", "version": 1}),
    "pair_resource_list": Row(get=PAIR, args=("pair",)),
    "pair_resource_create": Row(get=PAIR, post=PAIR, args=("pair",), data={"title": "A book", "kind": "reading"}),
    "pair_resource_recommend": Row(get=PAIR, post=PAIR, args=("pair", "resource"), data={"why": "It is short"}),
    "pair_resource_edit": Row(get=PAIR, post=PAIR, args=RESOURCE, data={"title": "A", "kind": "course", "version": 1}),
    "pair_resource_drop": Row(get=None, post=PAIR, args=RESOURCE),
    "pair_resource_reopen": Row(get=None, post=PAIR, args=RESOURCE),
    "pair_resource_rate": Row(get=None, post=MENTEE, args=RESOURCE, data={"status": "finished", "usefulness": "4"}),
    "resource_list": Row(get=ADMIN, post=ADMIN, args=("program",), data={"title": "A book", "kind": "reading"}),
    "resource_edit": Row(get=ADMIN, post=ADMIN, args=("resource",), data={"title": "A book", "kind": "reading"}),
    "resource_remove": Row(get=None, post=ADMIN, args=("resource",)),
    "opportunity_list": Row(get=IN_P, args=("program",)),
    "opportunity_create": Row(get=MENTORS_PAGE, post=MENTORS_PAGE, args=("program",), data=OFFER),
    "opportunity_detail": Row(get=IN_P, args=OPPORTUNITY),
    "opportunity_edit": Row(get=MENTOR, post=MENTOR, args=OPPORTUNITY, data=OFFER),
    "opportunity_close": Row(get=None, post=MENTOR | ADMIN, args=OPPORTUNITY, data={"on": "1"}),
    "opportunity_take_over": Row(get=None, post=NOBODY, args=OPPORTUNITY),  # its poster is there
    "opportunity_apply": Row(get=None, post=MENTEES_OF_P, args=OPPORTUNITY, data={"note": "I would learn to ask"}),
    "opportunity_recommend": Row(get=None, post=MENTORS_OF_P, args=OPPORTUNITY),
    "opportunity_decide": Row(get=None, post=MENTOR, args=APPLICATION, data={"accept": "1"}),
    "opportunity_answer_undo": Row(get=None, post=MENTOR, args=APPLICATION),
    "opportunity_withdraw": Row(get=None, post=MENTEE, args=APPLICATION),
    "opportunity_use": Row(get=None, post=MENTEE, args=APPLICATION, data={"use": "topic"}),
    "opportunity_finish": Row(get=None, post=MENTEE, args=APPLICATION, data={"on": "1"}),
    "program_inventory_list": Row(get=ADMIN, post=ADMIN, args=("program",), data={"title": "Listening here"}),
    "program_inventory_edit": Row(get=ADMIN, post=ADMIN, args=OWN_INVENTORY, data={"title": "New"}),
    "program_inventory_retire": Row(get=None, post=ADMIN, args=OWN_INVENTORY),
    "buddy_create": Row(get=MEMBERS, post=MEMBERS, data={"email": "nobody@example.org"}),
    "buddy_detail": Row(get=BUDDIES, post=BUDDIES, args=("buddies",), data={"text": "It went well"}),
    "buddy_accept": Row(get=None, post=MENTEE, args=("buddy request",)),
    "buddy_end": Row(get=BUDDIES, post=BUDDIES, args=("buddies",)),
    "buddy_reply": Row(get=None, post=MENTEE, args=("buddy line",), data={"text": "Well done"}),
    "mentoring_feedback_create": Row(get=MENTEE, post=MENTEE, args=("pair",)),
    "mentoring_feedback_skip": Row(get=None, post=MENTEE, args=("pair",)),
    "mentoring_answer": Row(get=None, post=MENTOR, args=("pair",), data={"text": "Ask before I answer"}),
    "stakeholder_list": Row(get=MEMBERS),
    "stakeholder_create": Row(get=MEMBERS, post=MEMBERS, data=STAKEHOLDER),
    "stakeholder_edit": Row(get=MENTEE, post=MENTEE, args=("own stakeholder",), data=STAKEHOLDER),
    "stakeholder_lead": Row(get=None, post=MENTEE, args=("own stakeholder",), data={"line": "Call", "kind": "topic"}),
    "stakeholder_delete": Row(get=MENTEE, post=MENTEE, args=("own stakeholder",)),
    "pair_practice": Row(get=PAIR, args=("pair",)),
    "practice_review": Row(get=MEMBERS, post=MEMBERS),
    "practice_review_skip": Row(get=None, post=MEMBERS),
    "practice_self": Row(get=MEMBERS),
    "practice_journal": Row(get=MEMBERS),
    "practice_journal_export": Row(get=MEMBERS),
    "entry_search": Row(get=MEMBERS),
    "practice_inventory_list": Row(get=MEMBERS),
    "practice_inventory": Row(get=MEMBERS, args=("strengths",)),
    "practice_inventory_start": Row(get=None, post=MEMBERS, args=("strengths",)),
    "practice_inventory_answer": Row(get=MENTEE, args=("own inventory",)),
    "practice_inventory_mark": Row(get=None, post=MENTEE, args=("own inventory", STATEMENT), data={"value": "4"}),
    "practice_inventory_use": Row(get=MENTEE, post=MENTEE, args=("own inventory", STATEMENT), data={"use": "agenda"}),
    "project_debrief_create": Row(get=MEMBERS, post=MEMBERS, data={"kind": "setback"}),
    "lessons_keep": Row(get=None, post=MENTEE, args=("own debrief",)),
}


def buddy_rows(mentee, other, former) -> dict:
    """Create buddies of two mentees with a line of the other, and a request of a third mentee."""
    program = mentee.pairs_as_mentee.first().program
    people = {"program": program, "other": mentee}
    buddies = Buddies.objects.create(asked_by=other, accepted_at=program.created_at, **people)
    line = BuddyUpdate.objects.create(buddies=buddies, author=other, text="Said no to a side project")
    return {
        "buddies": buddies.pk,
        "buddy line": line.pk,
        "buddy request": Buddies.objects.create(asked_by=former, **people).pk,
    }
