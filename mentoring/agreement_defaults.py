"""What a first version of "How we work together" proposes (docs/rules.md, agreement). The pair makes it theirs."""

from django.utils.translation import gettext as _

from mentoring.forms import AgreementForm
from mentoring.models import Agreement, Pair


def proposal(pair: Pair) -> dict:
    """The newest version's terms, or the defaults before there is one."""
    newest = Agreement.newest(pair)
    if newest:
        return {name: getattr(newest, name) for name in AgreementForm.Meta.fields} | {"follows": newest.number}
    return _defaults(pair) | {"follows": 0}


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
            "We do what we said, or say early that we will not.\n"
            "We ask before we advise. We say what we see, about what was done and not about the person."
        )
        % {"mentee": pair.mentee.first_name, "mentor": pair.mentor.first_name},
        "confidentiality": _(
            "What we say and write here stays between the two of us. Either may tell others about their own part.\n"
            "It ends where somebody's safety is at risk, where the law asks for it, or where our code of conduct is "
            "broken. Then we say so to each other first, whenever we can."
        ),
        "ending": _(
            "We plan to end with the program and look back together in a last session.\n"
            "Either of us may end earlier, without blame and without giving a reason.\n"
            "We look at this page again after six or seven weeks, and whenever we start afresh."
        ),
    }
