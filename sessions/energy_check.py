"""The energy check: three remedies when sessions become less useful (docs/rules.md, energy check)."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from mentoring.models import Pair
from sessions.models import EnergyCheck, Session, SessionRating
from sessions.models.rating import ANSWERS_PER_RESULT, results_of

SHOWN_FOR = timedelta(days=28)  # after the answer that completed the newest result
DECISION_SHOWN_FOR = timedelta(days=14)
Remedy = EnergyCheck.Remedy


@dataclass(frozen=True)
class OpenCheck:
    """What the two people see: the question, or what one of them decided."""

    pair: Pair
    answers: int
    decision: EnergyCheck | None = None


def energy_check(pair: Pair) -> OpenCheck | None:
    """Return the energy check of a pair, if there is one now.

    It reads only whole results of three answers, which the mentor sees anyway, so that it reveals no single answer.
    """
    rows = SessionRating.objects.filter(session__pair=pair, useful__isnull=False).order_by("pk")
    answers = list(rows.values_list("useful", "created_at"))
    results = results_of([useful for useful, _at in answers])
    if pair.ended_at or not results:
        return None
    fell = len(results) > 1 and results[-1] < results[-2]
    count, now = len(results) * ANSWERS_PER_RESULT, timezone.now()
    if not (fell or results[-1] <= SessionRating.Scale.PARTLY) or answers[count - 1][1] < now - SHOWN_FOR:
        return None
    decision = EnergyCheck.objects.filter(pair=pair, answers=count).select_related("settled_by").first()
    if decision is None:
        return OpenCheck(pair, count)
    is_shown = decision.remedy != Remedy.NONE and decision.settled_at > now - DECISION_SHOWN_FOR
    return OpenCheck(pair, count, decision) if is_shown else None


def settle(pair: Pair, remedy: str, by) -> None:
    """Store what one of them decided. A second decision about the same results changes nothing."""
    with pair.locked():
        if (check := energy_check(pair)) and not check.decision:
            EnergyCheck.objects.get_or_create(
                pair=pair, answers=check.answers, defaults={"remedy": remedy, "settled_by": by}
            )
            pair.touch()


def page_for(pair: Pair, remedy: str) -> str:
    """Return the path of the page on which a remedy is carried out."""
    if remedy == Remedy.FORMAT:
        coming = Session.objects.filter(pair=pair, started_at=None).to_come().upcoming().first()
        return reverse("agenda_edit", args=[coming.pk]) if coming else reverse("session_schedule", args=[pair.pk])
    names = {Remedy.CADENCE: "agreement_edit", Remedy.TOPIC: "pack_list"}
    return reverse(names.get(remedy, "pair_detail"), args=[pair.pk])
