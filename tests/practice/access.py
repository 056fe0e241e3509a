"""The rows of the practice pages in the access table (tests/access.py)."""

from tests.audiences import MEMBERS, MENTEE, PAIR, Row

# An entry that the mentee shares with nobody.
OWN = ("own entry",)
PLAN = {"kind": "lesson", "per_week": 1, "weekday": 5, "at": "16:00"}
CONVERSATION = ("own conversation",)
TABLE = {
    "practice_list": Row(get=MEMBERS),
    "practice_export": Row(get=MEMBERS),
    "entry_create": Row(get=MEMBERS, post=MEMBERS, args=("reflection",)),
    "entry_list": Row(get=MEMBERS, args=("lesson",)),
    "entry_detail": Row(get=MENTEE, args=OWN),
    "entry_edit": Row(get=MENTEE, post=MENTEE, args=OWN, data={"lesson": "Ask first"}),
    "entry_link": Row(get=None, post=MENTEE, args=OWN),
    "entry_share": Row(get=None, post=MENTEE, args=("own entry", "pair"), data={"on": "1"}),
    "entry_commit": Row(get=None, post=MENTEE, args=OWN),
    "entry_to_agenda": Row(get=None, post=MENTEE, args=OWN),
    "entry_delete": Row(get=MENTEE, post=MENTEE, args=OWN),
    "practice_plan_create": Row(get=MEMBERS, post=MEMBERS, data=PLAN),
    "practice_plan_edit": Row(get=MENTEE, post=MENTEE, args=("own plan",), data=PLAN | {"title": "Ask first"}),
    "practice_plan_skip": Row(get=None, post=MENTEE, args=("own plan",), data={"on": "1"}),
    "practice_plan_tick": Row(get=None, post=MENTEE, args=("own plan",), data={"on": "1"}),
    "practice_plan_stop": Row(get=None, post=MENTEE, args=("own plan",)),
    "rehearsal_create": Row(get=MENTEE, post=MENTEE, args=CONVERSATION, data={"seat": "own", "before": "2"}),
    "debrief_create": Row(get=MENTEE, post=MENTEE, args=CONVERSATION),
    "pair_rehearsals": Row(get=PAIR, args=("pair",)),
    "pair_practice": Row(get=PAIR, args=("pair",)),
}
