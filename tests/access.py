"""The access table: for each URL name, who may GET it and who may POST to it. test_access.py checks it.

A new URL gets one row here. The audiences are in audiences.py.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from dashboard.models import Flag, FlagRule
from goals.models import AdvocacyNote
from practice.models import Stakeholder
from reminders import links
from sessions import closing
from sessions.models import CalendarFeed
from tests import make
from tests.accounts import access as accounts_access
from tests.api import access as api_access
from tests.audiences import (  # noqa: F401
    ACTORS,
    ADMIN,
    ALLAUTH,
    ANYONE,
    BY_TOKEN,
    IN_A_PAIR_OF_P,
    IN_P,
    MEMBERS,
    MENTEE,
    MENTEES_OF_P,
    MENTOR,
    MENTORS_PAGE,
    NOBODY,
    NOWHERE,
    PAIR,
    SIGNED_IN,
    STARTS_PROGRAMS,
    Row,
)
from tests.practice import access as practice_access
from tests.reminders import access as reminders_access


@dataclass
class World:
    """The actors, and one row of every kind in a pair of program P."""

    actors: dict
    rows: dict

    def arguments(self, row: Row) -> list:
        return [self.rows[name] if isinstance(name, str) and name in self.rows else name for name in row.args]


def build() -> World:
    p, q = make.program("Program P", mentees_choose=True, open_until=timezone.localdate()), make.program("Program Q")
    pair = make.pair(p, make.user("Sam Okafor"), make.user("Ada Lind"))
    other = make.pair(p, make.user("Kofi Mensah"), make.user("Lena Brandt"))
    ended = make.pair(p, make.user("Olga Ruiz"), make.user("Ben Moss"))
    ended.end()
    both = make.admin(p, "Ines Duarte")
    make.pair(p, both, make.user("Tom Reed"))
    make.pair(q, make.user("Yuki Sato"), both)
    actors = {
        "anonymous": None,
        "mentee": pair.mentee,
        "mentor": pair.mentor,
        "other mentee": other.mentee,
        "other mentor": other.mentor,
        "admin": make.admin(p),
        "other admin": make.admin(q, "Omar Haddad"),
        "former mentee": ended.mentee,
        "admin and mentor, mentee elsewhere": both,
        "deactivated": make.user("Gone Person", is_active=False),
        "superuser": make.user("Root", is_superuser=True, is_staff=True),
    }
    buddies = practice_access.buddy_rows(pair.mentee, other.mentee, ended.mentee)
    return World(actors, {"pair": pair.pk, "program": p.pk, **make_rows(pair), **buddies})


def make_rows(pair) -> dict:
    """Create one row of each kind that a URL names, by the name used in `Row.args`."""
    session = make.session(pair)
    commitment = make.commitment(pair)
    item = make.topic(pair)
    past = make.session(pair, timezone.now().replace(tzinfo=None) - timedelta(days=10))
    running = make.running_session(pair)
    made = closing.create_commitment(
        running, pair.mentee, owner=pair.mentee, text="Send the draft", due_on=timezone.now().date()
    )
    recapped = make.past_session(pair, days=2)  # its recap has been sent
    for earlier in (past, recapped):
        type(earlier).objects.filter(pk=earlier.pk).update(closed_at=earlier.ends_at, held_at=earlier.ends_at)
    invited = make.enrollment(pair.program, make.user("Nia Cole"), "mentee", accepted_at=None)
    reminder = make.reminder(pair.mentee, commitment)
    indicator, round_ = make.indicator(pair), make.feedback_round(pair)
    make.reading(indicator, 3)
    make.check_in(pair).add_reply(1, "I will call you at five")
    asked_for_help = make.check_in(pair, "help")
    AdvocacyNote.objects.create(pair=pair, text="I would trust her with a launch", shown_at=timezone.now())
    return {
        "session": session.pk,
        "running session": running.pk,
        "commitment of the session": made.pk,
        "session with a recap": recapped.pk,
        "past session": past.pk,
        "commitment": commitment.pk,
        "commitment event": commitment.events.get().pk,
        "item": item.pk,
        "agenda template": pair.program.agenda_templates.first().pk,
        "invited person": invited.pk,
        "invitation": invited.invitation_token,
        "the mentor": pair.mentor_id,
        "flag": Flag.objects.create(pair=pair, rule=FlagRule.NO_FIRST_SESSION, level="red").pk,
        "proposal": pair.program.proposals.create(mentee=invited.user, mentor=pair.mentor, score=50).pk,
        "start run": pair.program.start_runs.create(total=1).pk,
        "match request": make.match_request(pair.program, invited.user, pair.mentor).pk,
        "import": make.import_run(pair.program).pk,
        "never pair": pair.program.never_pairs.create(user=pair.mentee, other=invited.user).pk,
        "agreement": make.agreement(pair).pk,
        "application": make.application(pair.program).pk,
        "a block": session.blocks.order_by("pk").first().pk,
        "note of a block": f"block-{make.block(session).pk}-note",
        "goal": make.goal(pair).pk,
        "milestone": make.milestone(pair).pk,
        "work event": make.work_event(pair).pk,
        "past work event": make.work_event(pair, happens_on=timezone.now().date() - timedelta(days=3)).pk,
        "API token": make.api_token(pair.mentor, pair.program)[0].pk,
        "webhook": make.webhook(pair.program).pk,
        "a priority": make.priority(pair.program).pk,
        "a competency": make.competency(pair.program).pk,
        "plan": make.plan(pair).pk,
        "indicator": indicator.pk,
        "an outcome": make.outcome(pair, commitment=commitment).pk,
        "celebration": pair.celebrations.create(created_by=pair.mentor, text="You waited").pk,
        "feedback round": round_.pk,
        "feedback link": round_.invites.first().token,
        "link indicator": links.token(links.Purpose.INDICATOR, pair.mentee, indicator.pk),
        "check-in": asked_for_help.pk,
        "question": make.topic(pair, pair.mentee, kind="question", title="Who decides?").pk,
        "talk request": pair.program.talk_requests.create(user=pair.mentee).pk,
        "reminder": reminder.pk,
        "link commitment": links.token(links.Purpose.COMMITMENT, pair.mentee, commitment.pk),
        "link met": links.token(links.Purpose.MET, pair.mentee, past.pk),
        "link update": links.token(links.Purpose.UPDATE, pair.mentee, session.pk),
        "link check-in": links.token(links.Purpose.CHECK_IN, pair.mentee, pair.pk),
        "link help": links.token(links.Purpose.HELP, pair.mentor, asked_for_help.pk),
        "link stop": links.token(links.Purpose.STOP, pair.mentee),
        "calendar address": CalendarFeed.renew(pair.mentee),
        "own plan": make.practice_plan(pair.mentee, pair, title="Ask first").pk,
        "own talking points": make.entry(pair.mentee, pair, "points", message="Test", **{"claim-1": "Late"}).pk,
        "own stakeholder": Stakeholder.objects.create(author=pair.mentee, name="Marta").pk,
        "own pitch": make.entry(pair.mentee, pair, "pitch", occasion="The board", **{"version-1": "We ship."}).pk,
        "own conversation": make.entry(pair.mentee, pair, "conversation", topic="The lead of the launch").pk,
        "resource": make.resource(pair.program).pk,
        "own inventory of a program": make.program_inventory(pair.program).pk,
        "pair resource": make.pair_resource(pair).pk,
        "opportunity": (offered := make.opportunity(pair.program, pair.mentor, places=3)).pk,
        "opportunity application": make.opportunity_application(offered, pair.mentee, state="accepted").pk,
        "introduction": make.introduction(pair, made_at=timezone.now()).pk,
        "own experiment": make.entry(pair.mentee, pair, "experiment", **{"try": "Open with the question"}).pk,
        "own inventory": make.inventory_run(pair.mentee).entry_id,
        "own debrief": make.entry(pair.mentee, pair, "setback", lessons="Ask first").pk,
        "own entry": make.entry(pair.mentee, pair, lesson="Ask first", use="In the review").pk,
        "huddle question": (asked := pair.program.huddle_questions.create(author=pair.mentor, text="On time?")).pk,
        "huddle answer": asked.answers.create(program=pair.program, author=pair.mentor, text="A timer").pk,
        "feedback draft": make.feedback(pair, created_by=pair.mentor, shared_at=None, differently="Ask first").pk,
        "feedback": session.feedback.create(
            pair=pair, created_by=pair.mentor, differently="Stop after two sentences."
        ).pk,
    }


TABLE: dict[str, Row] = {}

TABLE |= accounts_access.TABLE | api_access.TABLE | reminders_access.TABLE

# operations
TABLE |= {
    "healthz": Row(ANYONE),
    "livez": Row(ANYONE),
    "metrics": Row(NOWHERE),
    "security_txt": Row(NOWHERE),
    "web_manifest": Row(ANYONE),
}

# mentoring
TABLE |= {
    "program_list": Row(STARTS_PROGRAMS),
    "program_create": Row(STARTS_PROGRAMS, STARTS_PROGRAMS),
    "program_detail": Row(ADMIN, args=("program",)),
    "program_edit": Row(ADMIN, ADMIN, args=("program",)),
    "enrollment_create": Row(ADMIN, ADMIN, args=("program",)),
    "enrollment_remove": Row(ADMIN, ADMIN, args=("invited person",)),
    "enrollment_resend": Row(None, ADMIN, args=("invited person",)),
    "people_bulk": Row(ADMIN, ADMIN, args=("program",)),
    "enrollment_invite": Row(ADMIN, ADMIN, args=("program",), data={"sure": "1"}),
    "import_create": Row(ADMIN, ADMIN, args=("program",)),
    "people_export": Row(None, ADMIN, args=("program",)),
    "pairs_export": Row(None, ADMIN, args=("program",)),
    "invitation_list": Row(ADMIN, args=("program",)),
    "invitation_export": Row(None, ADMIN, args=("program",)),
    "import_detail": Row(ADMIN, ADMIN, args=("import",), data={"column_0": "email"}),
    "import_read": Row(None, ADMIN, args=("import",), data={"delimiter": ",", "headings": "1"}),
    "import_lines": Row(ADMIN, args=("import",)),
    "import_start": Row(None, ADMIN, args=("import",)),
    "import_progress": Row(ADMIN, args=("import",)),
    "import_errors": Row(ADMIN, args=("import",)),
    "profile_edit": Row(IN_A_PAIR_OF_P, IN_A_PAIR_OF_P, args=("program",)),
    "never_pair_create": Row(None, IN_A_PAIR_OF_P, args=("program",)),
    "never_pair_remove": Row(None, MENTEE, args=("never pair",)),
    "enrollment_profile": Row(ADMIN, ADMIN, args=("invited person",)),
    "matching": Row(ADMIN, args=("program",)),
    "matching_weights": Row(ADMIN, ADMIN, args=("program",)),
    "matching_rules": Row(ADMIN, ADMIN, args=("program",), data={"grades_above": "0"}),
    "matching_suggest": Row(None, ADMIN, args=("program",)),
    "matching_start": Row(None, ADMIN, args=("program",)),
    "start_run_progress": Row(ADMIN, args=("start run",)),
    "start_run_undo": Row(None, ADMIN, args=("start run",)),
    "matching_candidates": Row(ADMIN, ADMIN, args=("invited person",)),
    "proposal_lock": Row(None, ADMIN, args=("proposal",), data={"on": "1"}),
    "proposal_remove": Row(None, ADMIN, args=("proposal",)),
    "mentor_choice": Row(MENTEES_OF_P, MENTEES_OF_P, args=("program",)),
    "match_request_answer": Row(MENTOR, MENTOR, args=("match request",), data={"answer": "no"}),
    "pair_create": Row(ADMIN, ADMIN, args=("program",)),
    "talk_request_create": Row(IN_P, IN_P, args=("program",)),
    "talk_request_handle": Row(None, ADMIN, args=("talk request",)),
    "pair_finish": Row(PAIR, PAIR, args=("pair",)),
    "exit_answer": Row(PAIR, PAIR, args=("pair",)),
    "program_leave": Row(IN_A_PAIR_OF_P, IN_A_PAIR_OF_P, args=("program",)),
    "pair_end": Row(ADMIN, ADMIN, args=("pair",)),
    "pair_end_undo": Row(None, NOBODY, args=("pair",)),  # the pair has not ended; test_ending.py undoes an ending
    "pair_end_date": Row(ADMIN, ADMIN, args=("pair",)),
    "invitation_accept": Row(ANYONE, ANYONE, args=("invitation",)),
    "agreement_detail": Row(PAIR, args=("pair",)),
    "agreement_edit": Row(PAIR, PAIR, args=("pair",)),
    "mentors_page": Row(MENTORS_PAGE, MENTORS_PAGE, args=("program",), data={"text": "How do you end on time?"}),
    "huddle_answer": Row(
        MENTORS_PAGE, MENTORS_PAGE, args=("program", "huddle question"), data={"text": "A timer", "version": 0}
    ),
    "huddle_question_remove": Row(None, MENTOR | ADMIN, args=("huddle question",)),
    "huddle_answer_remove": Row(None, MENTOR | ADMIN, args=("huddle answer",)),
    "program_phrases": Row(ADMIN, ADMIN, args=("program",), data={"for_disagree": "I see it differently."}),
    "program_note_templates": Row(ADMIN, ADMIN, args=("program",), data={"template_0": "After a shift\nWhat now?"}),
    "program_tips": Row(ADMIN, ADMIN, args=("program",), data={"tips": "Ask first"}),
    "agreement_sign": Row(None, PAIR, args=("agreement",)),
}

# demo: the first visit, which is over in this world, and pages that only a demo has
TABLE |= {
    "set_language": Row(None, ANYONE),
    "start": Row(ANYONE),
    "start_demo": Row(None, ANYONE),
    "start_program": Row(ANYONE, ANYONE),
    "demo_people": Row(NOWHERE),
    "demo_enter": Row(None, NOWHERE, args=(1,)),
    "demo_clear": Row(None, NOWHERE),
}

# dashboard
TABLE |= {
    "home": Row(get=MEMBERS),
    "news_dismiss": Row(get=None, post=MEMBERS),
    "search": Row(get=MEMBERS),
    "pair_detail": Row(get=PAIR, args=("pair",)),
}

# goals
ANSWER = {"version": 1}
TABLE |= {
    "commitment_list": Row(get=MEMBERS),
    "commitment_detail": Row(get=PAIR, args=("commitment",)),
    "commitment_edit": Row(get=PAIR, post=PAIR, args=("commitment",), data=ANSWER),
    "commitment_complete": Row(get=PAIR, post=PAIR, args=("commitment",), data=ANSWER),
    "commitment_partly": Row(get=PAIR, post=PAIR, args=("commitment",), data=ANSWER),
    "commitment_move": Row(get=PAIR, post=PAIR, args=("commitment",), data=ANSWER),
    "commitment_drop": Row(get=PAIR, post=PAIR, args=("commitment",), data=ANSWER),
    "commitment_split": Row(get=PAIR, post=PAIR, args=("commitment",), data=ANSWER),
    "commitment_undo": Row(get=None, post=PAIR, args=("commitment event",)),
    "commitment_create": Row(get=PAIR, post=PAIR, args=("pair",)),
    "goal_list": Row(get=PAIR, args=("pair",)),
    "milestone_create": Row(get=PAIR, post=PAIR, args=("goal",)),
    "milestone_edit": Row(get=PAIR, post=PAIR, args=("milestone",), data=ANSWER),
    "milestone_reach": Row(get=None, post=PAIR, args=("milestone",)),
    "milestone_drop": Row(get=None, post=PAIR, args=("milestone",)),
    "milestone_reopen": Row(get=None, post=PAIR, args=("milestone",)),
    "goal_create": Row(get=PAIR, post=PAIR, args=("pair",)),
    "goal_edit": Row(get=PAIR, post=PAIR, args=("goal",), data=ANSWER),
    "goal_reach": Row(get=None, post=PAIR, args=("goal",)),
    "goal_drop": Row(get=PAIR, post=PAIR, args=("goal",)),
    "goal_reopen": Row(get=None, post=PAIR, args=("goal",)),
    "goal_keep": Row(get=None, post=PAIR, args=("goal",)),
    "work_event_create": Row(get=PAIR, post=PAIR, args=("pair",)),
    "work_event_edit": Row(get=PAIR, post=PAIR, args=("work event",), data=ANSWER),
    "work_event_review": Row(get=PAIR, post=PAIR, args=("past work event",), data=ANSWER | {"how_it_went": "Well"}),
    "work_event_drop": Row(get=None, post=PAIR, args=("work event",)),
    "work_event_reopen": Row(get=None, post=PAIR, args=("work event",)),
}

# goals: plans, indicators, outcomes, feedback rounds
REVISED = {
    "skill": "Say no",
    "level_now": 2,
    "level_target": 4,
    "due_on": "2099-12-18",
    "review_weeks": 4,
    "version": 1,
}
ON = ANSWER | {"on": "1"}
TABLE |= {
    "plan_list": Row(get=PAIR, args=("pair",)),
    "plan_create": Row(get=PAIR, post=PAIR, args=("pair",)),
    "plan_edit": Row(get=PAIR, post=PAIR, args=("plan",), data=REVISED),
    "plan_history": Row(get=PAIR, args=("plan",)),
    "plan_export": Row(get=PAIR, args=("plan",)),
    "plan_drop": Row(get=None, post=PAIR, args=("plan",)),
    "plan_reopen": Row(get=None, post=PAIR, args=("plan",)),
    "indicator_create": Row(get=PAIR, post=PAIR, args=("pair",)),
    "indicator_edit": Row(get=PAIR, post=PAIR, args=("indicator",), data=ANSWER),
    "indicator_drop": Row(get=None, post=PAIR, args=("indicator",)),
    "indicator_reopen": Row(get=None, post=PAIR, args=("indicator",)),
    "outcome_list": Row(get=PAIR, args=("pair",)),
    "outcome_create": Row(get=PAIR, post=PAIR, args=("pair",)),
    "outcome_edit": Row(get=PAIR, post=PAIR, args=("an outcome",), data=ANSWER),
    "outcome_drop": Row(get=None, post=PAIR, args=("an outcome",)),
    "outcome_reopen": Row(get=None, post=PAIR, args=("an outcome",)),
    "outcome_confirm": Row(get=None, post=MENTOR, args=("an outcome",), data=ANSWER),
    "outcome_share": Row(get=None, post=MENTEE, args=("an outcome",), data=ON),
    "celebration_create": Row(get=PAIR, post=PAIR, args=("pair",)),
    "celebration_publish": Row(get=None, post=MENTEE, args=("celebration",), data={"on": "1"}),
    "program_kudos": Row(get=IN_P, args=("program",)),
    "advocacy_detail": Row(
        get=PAIR, post=MENTOR, args=("pair",), data=ANSWER | {"text": "I would trust her with more"}
    ),
    "advocacy_show": Row(get=None, post=MENTOR, args=("pair",), data=ANSWER),
    "advocacy_release": Row(get=None, post=MENTEE, args=("pair",), data=ON),
    "feedback_round_create": Row(get=MENTEE, post=MENTEE, args=("pair",)),
    "feedback_round_detail": Row(get=PAIR, args=("feedback round",)),
    "feedback_round_end": Row(get=None, post=MENTEE, args=("feedback round",)),
    "feedback_round_answer": Row(get=ANYONE, post=ANYONE, args=("feedback link",), data={"frequency": 4}),
    "program_log": Row(ADMIN, args=("program",)),
    "program_file": Row(ADMIN, ADMIN, args=("program",)),
    "program_file_export": Row(None, ADMIN, args=("program",)),
    "pack_list": Row(get=PAIR, args=("pair",)),
    "pack_detail": Row(get=PAIR, post=PAIR, args=("pair", "conflict")),
    "reading_create": Row(get=MENTEE, post=MENTEE, args=("indicator",), data={"value": 4, "measured_on": "2026-01-05"}),
}

# records and dashboard: progress, growth record, program pages
TABLE |= {
    "progress": Row(get=PAIR, args=("pair",)),
    "competency_list": Row(get=PAIR, args=("pair",)),
    "competency_detail": Row(get=PAIR, args=("pair", "a competency")),
    "trace": Row(get=PAIR, args=("pair", "outcome", "an outcome")),
    "growth_record": Row(get=MENTEE, args=("pair",)),
    "growth_record_download": Row(get=MENTEE, args=("pair",), data={"sections": "goals", "kind": "html"}),
    "program_overview": Row(ADMIN, args=("program",)),
    "figures_update": Row(None, ADMIN, args=("program",)),
    "program_figures": Row(ADMIN, args=("program",)),
    "figures_export": Row(None, ADMIN, args=("program",)),
    "weeks_export": Row(None, ADMIN, args=("program",)),
    "overview_email": Row(None, ADMIN, args=("program",), data={"every": "week"}),
    "attention_bulk": Row(ADMIN, ADMIN, args=("program",)),
    "application_create": Row(
        ANYONE, ANYONE, args=("program",), data={"name": "Nia", "email": "nia@example.org", "role": "mentee"}
    ),
    "application_confirm": Row(ANYONE, ANYONE, args=("program",), data={"code": "000000"}),
    "application_decide": Row(None, ADMIN, args=("application",), data={"accept": "1"}),
    "program_duplicate": Row(ADMIN, ADMIN, args=("program",)),
    "handover": Row(MENTEE, MENTEE, args=("pair",)),
    "program_rules": Row(ADMIN, ADMIN, args=("program",)),
    "program_norms": Row(ADMIN, ADMIN, args=("program",)),
    "program_questions": Row(ADMIN, ADMIN, args=("program",)),
    "program_reminder_rules": Row(ADMIN, ADMIN, args=("program",)),
    "block_change_question": Row(None, MENTOR, args=("a block",), data={"question": "What is in the way?"}),
    "paperwork_remind": Row(None, ADMIN, args=("program", FlagRule.NO_AGREEMENT)),
    "mentor_contact_create": Row(None, ADMIN, args=("program", "the mentor")),
    "flag_unsnooze": Row(None, ADMIN, args=("flag",)),
    "pulse_edit": Row(PAIR, PAIR, args=("pair",), data={"worthwhile": 4, "openness": 4}),
    "admin_visibility": Row(IN_P, args=("program",)),
    "certificate": Row(get=PAIR, args=("pair",)),
    "priority_list": Row(get=ADMIN, post=ADMIN, args=("program",), data={"kind": "priority", "title": "Ship"}),
    "priority_remove": Row(get=None, post=ADMIN, args=("a priority",)),
    "competency_remove": Row(get=None, post=ADMIN, args=("a competency",)),
}

# sessions: texts and private notes
TABLE |= {
    "text_edit": Row(PAIR, PAIR, args=("note of a block",)),
    "text_history": Row(PAIR, args=("note of a block",)),
    "session_private_note": Row(PAIR, args=("session",)),
    "pair_private_note": Row(PAIR, args=("pair",)),
    "screen_share": Row(None, PAIR, args=("session",), data={"sharing": "1"}),
}

# sessions: planning
WHEN = {"on": "2026-12-04", "at": "10:00", "zone": "UTC", "minutes": 60}
TABLE |= {
    "session_list": Row(get=MEMBERS),
    "session_schedule": Row(get=PAIR, post=PAIR, args=("pair",), data=WHEN),
    "session_log": Row(get=PAIR, post=PAIR, args=("pair",), data=WHEN),
    "session_move": Row(get=PAIR, post=PAIR, args=("session",), data=WHEN),
    "session_cancel": Row(get=PAIR, post=PAIR, args=("session",)),
    "session_skip": Row(get=PAIR, post=PAIR, args=("session",)),
    "session_calendar": Row(get=PAIR, args=("session",)),
    "session_restore": Row(get=None, post=PAIR, args=("session",)),
    "session_dismiss_change": Row(get=None, post=PAIR, args=("session",)),
    "session_restore_all": Row(get=None, post=PAIR, args=("session",)),
}

# sessions: preparation
TABLE |= {
    "energy_check_settle": Row(get=None, post=PAIR, args=("pair",), data={"remedy": "topic"}),
    "session_prepare": Row(get=PAIR, args=("session",)),
    "status_mark_read": Row(get=None, post=MENTOR, args=("session",)),
    "status_edit": Row(get=MENTEE, post=MENTEE, args=("session",)),
    "status_share": Row(get=None, post=MENTEE, args=("session",)),
    "item_create": Row(get=PAIR, post=PAIR, args=("pair",), data={"title": "The board presentation"}),
    "item_edit": Row(get=PAIR, post=PAIR, args=("item",)),
    "item_park": Row(get=None, post=PAIR, args=("item",)),
    "item_drop": Row(get=None, post=MENTEE, args=("item",)),  # who brought it up
    "item_keep": Row(get=None, post=PAIR, args=("item",)),
    "item_reopen": Row(get=None, post=PAIR, args=("item",)),
    "item_move_up": Row(get=None, post=PAIR, args=("item",)),
    "item_move_down": Row(get=None, post=PAIR, args=("item",)),
}

# sessions: pauses, check-ins, answers to questions
TABLE |= {
    "pair_pause": Row(get=PAIR, post=PAIR, args=("pair",), data={"from_on": "2026-12-01", "resume_on": "2026-12-14"}),
    "pair_pause_undo": Row(get=None, post=PAIR, args=("pair",)),
    "pair_resume": Row(get=None, post=PAIR, args=("pair",)),
    "check_in": Row(get=PAIR, post=MENTEE, args=("pair",), data={"answer": "stuck"}),
    "check_ins_switch": Row(get=None, post=PAIR, args=("pair",), data={"on": "1"}),
    "check_in_reply": Row(get=MENTOR, post=MENTOR, args=("check-in",), data=ANSWER | {"reply": "Call me at five"}),
    "item_reply": Row(get=MENTOR, post=MENTOR, args=("question",), data=ANSWER | {"reply": "Ask Lin first"}),
    "item_mark_answered": Row(get=None, post=MENTEE, args=("question",)),
}

# sessions: agendas
TABLE |= {
    "agenda_template_list": Row(get=ADMIN, post=ADMIN, args=("program",)),
    "agenda_edit": Row(get=PAIR, post=PAIR, args=("session",)),
    "agenda_template_edit": Row(get=ADMIN, post=ADMIN, args=("agenda template",)),
}

# sessions: wrap-up and recap
IN_A_SESSION = ("running session", "commitment of the session")
TABLE |= {
    "wrap_up_live": Row(get=PAIR, args=("running session",)),
    "session_wrap_up": Row(get=PAIR, post=PAIR, args=("running session",)),
    "wrap_up_commitment_create": Row(get=None, post=PAIR, args=("running session",)),
    "wrap_up_commitment_edit": Row(get=None, post=PAIR, args=IN_A_SESSION, data=ANSWER | {"done_when": "It is there"}),
    "wrap_up_item_settle": Row(get=None, post=PAIR, args=("running session", "item"), data={"as": "parked"}),
    "wrap_up_agree": Row(get=None, post=PAIR, args=("running session",)),
    "wrap_up_no_commitments": Row(get=None, post=PAIR, args=("running session",)),
    "session_close": Row(get=None, post=PAIR, args=("running session",)),
    "session_reopen": Row(get=None, post=PAIR, args=("session with a recap",)),
    "session_recap": Row(get=PAIR, args=("session with a recap",)),
    "session_answer": Row(get=None, post=PAIR, args=("session with a recap",), data={"met": "met"}),
    "session_rate": Row(get=None, post=MENTEE, args=("session with a recap",), data={"question": "heard", "value": 4}),
}

# sessions: session room
PRESS = {"expected": 0}
TABLE |= {
    "session_detail": Row(get=PAIR, args=("running session",)),
    "session_live": Row(get=PAIR, args=("running session",)),
    "session_current_block": Row(get=PAIR, args=("running session",)),
    "session_still_right": Row(get=PAIR, post=PAIR, args=("running session",)),
    "status_open": Row(get=None, post=PAIR, args=("running session",)),
    "feedback_create": Row(get=None, post=PAIR, args=("running session",)),
    "feedback_start": Row(get=PAIR, post=PAIR, args=("pair",)),
    "event_feedback_switch": Row(get=None, post=PAIR, args=("pair",), data={"on": "1"}),
    "feedback_detail": Row(get=PAIR, args=("feedback",)),
    "feedback_edit": Row(get=PAIR, post=PAIR, args=("feedback",), data={"keep": "Ask first"}),
    "feedback_share": Row(get=None, post=MENTOR, args=("feedback",)),
    "feedback_delete": Row(get=MENTOR, post=MENTOR, args=("feedback draft",)),
    "feedback_last_time": Row(get=PAIR, args=("feedback",)),
    "feedback_set_competency": Row(get=None, post=PAIR, args=("feedback",)),
    "feedback_commit": Row(get=None, post=PAIR, args=("feedback",)),
    "room_commitment_create": Row(get=None, post=PAIR, args=("running session",), data={"text": "Send the draft"}),
    "room_item_create": Row(get=None, post=PAIR, args=("running session",), data={"text": "The second project"}),
    "session_start_undo": Row(get=None, post=PAIR, args=("running session",)),
    "session_start": Row(get=None, post=PAIR, args=("running session",)),
    "session_next_block": Row(get=None, post=PAIR, args=("running session",), data=PRESS),
    "session_go_to_block": Row(get=None, post=PAIR, args=("running session", 2), data=PRESS),
    "session_pause": Row(get=None, post=PAIR, args=("running session",), data=PRESS),
    "session_resume": Row(get=None, post=PAIR, args=("running session",), data=PRESS),
    "session_extend": Row(get=None, post=PAIR, args=("running session", 3), data=PRESS),
    "session_toggle_timer": Row(get=None, post=PAIR, args=("running session",)),
    "room_item_discuss": Row(get=None, post=PAIR, args=("item",)),
    "room_item_park": Row(get=None, post=PAIR, args=("item",)),
    "room_item_reopen": Row(get=None, post=PAIR, args=("item",)),
    "room_item_carry_over": Row(get=None, post=PAIR, args=("item",)),
    "room_item_focus": Row(get=None, post=PAIR, args=("item",)),
    "room_item_talk_through": Row(get=None, post=PAIR, args=("item",)),
}

TABLE |= practice_access.TABLE

# reminders
TABLE |= {
    "inbox_list": Row(get=MEMBERS),
    "inbox_read": Row(get=None, post=MEMBERS),
    "reminder_read": Row(get=None, post=MENTEE, args=("reminder",)),
    "reminder_snooze": Row(get=None, post=MENTEE, args=("reminder",), data={"until": "1"}),
    "notifications": Row(get=MEMBERS, post=MEMBERS),
    "calendar_feed_create": Row(get=None, post=MEMBERS),
    "calendar_feed_delete": Row(get=None, post=MEMBERS),
    "calendar_feed": Row(get=ANYONE, args=("calendar address",)),
    "links_revoke": Row(get=None, post=MEMBERS),
    "upcoming": Row(get=MEMBERS),
    "program_reminders": Row(get=ADMIN, args=("program",)),
    "email_commitment": Row(get=ANYONE, post=ANYONE, args=("link commitment",), data=ANSWER),
    "email_met": Row(get=ANYONE, post=ANYONE, args=("link met",), data={"answer": "met"}),
    "email_update": Row(get=ANYONE, post=ANYONE, args=("link update",)),
    "email_indicator": Row(
        get=ANYONE, post=ANYONE, args=("link indicator",), data={"value": 4, "measured_on": "2026-01-05"}
    ),
    "email_check_in": Row(get=ANYONE, post=ANYONE, args=("link check-in",), data={"answer": "stuck"}),
    "email_help": Row(get=ANYONE, post=ANYONE, args=("link help",), data=ANSWER | {"reply": "Call me at five"}),
    "email_stop": Row(get=ANYONE, post=ANYONE, args=("link stop",)),
}
