from mentoring.forms.importing import ColumnsForm, ImportForm, ReadingForm
from mentoring.forms.people import NeverPairForm, ProfileForm
from mentoring.forms.programs import (
    AgreementForm,
    ComeInForm,
    DayInput,
    InviteForm,
    InviteLaterForm,
    PairEndForm,
    PairForm,
    ProgramEditForm,
    ProgramForm,
)

__all__ = [
    "AgreementForm",
    "ColumnsForm",
    "ComeInForm",
    "DayInput",
    "ImportForm",
    "InviteForm",
    "InviteLaterForm",
    "NeverPairForm",
    "PairEndForm",
    "PairForm",
    "ProfileForm",
    "ProgramEditForm",
    "ProgramForm",
    "ReadingForm",
]
