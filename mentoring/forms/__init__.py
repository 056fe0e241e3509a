from mentoring.forms.importing import ColumnsForm, ImportForm, ReadingForm
from mentoring.forms.people import NeverPairForm, ProfileForm
from mentoring.forms.programs import (
    AgreementForm,
    InviteForm,
    InviteLaterForm,
    JoinForm,
    PairEndForm,
    PairForm,
    ProgramEditForm,
    ProgramForm,
)

__all__ = [
    "AgreementForm",
    "ColumnsForm",
    "ImportForm",
    "InviteForm",
    "InviteLaterForm",
    "JoinForm",
    "NeverPairForm",
    "PairEndForm",
    "PairForm",
    "ProfileForm",
    "ProgramEditForm",
    "ProgramForm",
    "ReadingForm",
]
