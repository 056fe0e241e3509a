from mentoring.models.agreement import Agreement, Signature
from mentoring.models.application import Application
from mentoring.models.exit_answer import ExitAnswer
from mentoring.models.group_role import GroupRole
from mentoring.models.huddle import HuddleAnswer, HuddleQuestion
from mentoring.models.importing import ImportRun
from mentoring.models.matching import MatchRequest, Proposal
from mentoring.models.pair import (
    Pair,
    PairContentQuerySet,
    Pause,
    add_pairs_now,
    attach_pairs,
    attach_signatures,
)
from mentoring.models.profile import NeverPair, Preference, Profile, Style
from mentoring.models.program import Cadence, Enrollment, Program
from mentoring.models.pulse import PulseAnswer
from mentoring.models.starting import StartedPair, StartRun
from mentoring.models.talk_request import TalkRequest

__all__ = [
    "Agreement",
    "Application",
    "Cadence",
    "Enrollment",
    "ExitAnswer",
    "GroupRole",
    "HuddleAnswer",
    "HuddleQuestion",
    "ImportRun",
    "MatchRequest",
    "NeverPair",
    "Pair",
    "PairContentQuerySet",
    "Pause",
    "Preference",
    "Profile",
    "Program",
    "Proposal",
    "PulseAnswer",
    "Signature",
    "StartRun",
    "StartedPair",
    "Style",
    "TalkRequest",
    "add_pairs_now",
    "attach_pairs",
    "attach_signatures",
]
