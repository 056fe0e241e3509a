"""The rows of the practice pages in the access table (tests/access.py)."""

from tests.audiences import MEMBERS, MENTEE, PAIR, Row

# An entry that the mentee shares with nobody.
OWN = ("own entry",)
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
    "pair_practice": Row(get=PAIR, args=("pair",)),
}
