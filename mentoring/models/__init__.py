from mentoring.models.agreement import Agreement, Signature
from mentoring.models.pair import Pair, PairContentQuerySet, Pause, lend_pairs
from mentoring.models.program import Cadence, Enrollment, Program

__all__ = [
    "Agreement",
    "Cadence",
    "Enrollment",
    "Pair",
    "PairContentQuerySet",
    "Pause",
    "Program",
    "Signature",
    "lend_pairs",
]
