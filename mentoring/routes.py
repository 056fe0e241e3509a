"""The mentoring room's addresses. (mentoring/urls.py is the whole house's.)"""

from django.urls import path

from mentoring.views import agreements, invitations, pairs, people, programs, talks

urlpatterns = [
    path("programs/", programs.program_list, name="program_list"),
    path("programs/new/", programs.program_create, name="program_create"),
    path("programs/<int:pk>/", programs.program_detail, name="program_detail"),
    path("programs/<int:pk>/edit/", programs.program_edit, name="program_edit"),
    path("programs/<int:pk>/people/new/", people.enrollment_create, name="enrollment_create"),
    path("enrollments/<int:pk>/resend/", people.enrollment_resend, name="enrollment_resend"),
    path("programs/<int:pk>/pairs/new/", pairs.pair_create, name="pair_create"),
    path("programs/<int:pk>/talk/", talks.talk_ask, name="talk_ask"),
    path("talks/<int:pk>/taken/", talks.talk_take, name="talk_take"),
    path("pairs/<int:pk>/end/", pairs.pair_end, name="pair_end"),
    path("invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
    path("pairs/<int:pk>/how-we-work/", agreements.agreement_detail, name="agreement_detail"),
    path("pairs/<int:pk>/how-we-work/edit/", agreements.agreement_edit, name="agreement_edit"),
    path("agreements/<int:pk>/agree/", agreements.agreement_sign, name="agreement_sign"),
]
