from mentoring.forms.people import ColumnsForm, ImportForm, NeverPairForm, ProfileForm
from mentoring.forms.programs import (
    AgreementForm,
    ComeInForm,
    DayInput,
    InviteForm,
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
    "NeverPairForm",
    "PairForm",
    "ProfileForm",
    "ProgramEditForm",
    "ProgramForm",
]
