from mentoring.models.agreement import Agreement, Signature
from mentoring.models.pair import Pair, PairContentQuerySet, Pause, lend_pairs
from mentoring.models.program import Cadence, Enrollment, Program
from mentoring.models.talk import TalkRequest

__all__ = [
    "Agreement",
    "Cadence",
    "Enrollment",
    "Pair",
    "PairContentQuerySet",
    "Pause",
    "Program",
    "Signature",
    "TalkRequest",
    "lend_pairs",
]
