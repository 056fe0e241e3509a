"""The suggested text of a first working agreement (docs/rules.md, agreement)."""

from django.utils import translation
from django.utils.translation import gettext as _

from mentoring.forms import AgreementForm
from mentoring.models import Agreement, Pair


def proposal(pair: Pair) -> dict:
    """Return the terms of the newest version, or the defaults if there is none."""
    newest = Agreement.newest(pair)
    if newest:
        return {name: getattr(newest, name) for name in AgreementForm.Meta.fields} | {"based_on": newest.version}
    with translation.override(pair.program.spoken_language):
        return _defaults(pair) | {"based_on": 0}


def _defaults(pair: Pair) -> dict:
    return {
        "purpose": _("%(mentee)s works on what matters to them now; %(mentor)s helps by listening, asking and sharing.")
        % {"mentee": pair.mentee.first_name, "mentor": pair.mentor.first_name},
        "cadence": pair.cadence,
        "minutes": pair.minutes,
        "reply_days": 2,
        "move_hours": 24,
        "norms": pair.program.norms
        or _(
            "%(mentee)s owns the agenda, %(mentor)s owns the time. We come prepared and start on time.\n"
            "We keep our commitments, or let each other know early if we cannot.\n"
            "We ask before we advise. Our feedback is about what was done, not about the person."
        )
        % {"mentee": pair.mentee.first_name, "mentor": pair.mentor.first_name},
        "confidentiality": _(
            "What we discuss and write here stays between the two of us. Either may share their own part with others.\n"
            "The exceptions: someone's safety is at risk, the law requires it, or our code of conduct is violated. "
            "Then we talk to each other first whenever we can."
        ),
        "ending": _(
            "We plan to end with the program and look back together in a last session.\n"
            "Either of us may end earlier, without blame and without giving a reason.\n"
            "We review this agreement after six or seven weeks, and whenever we start again."
        ),
    }
