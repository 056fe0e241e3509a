"""The mentoring room's addresses. (mentoring/urls.py is the whole house's.)"""

from django.urls import path

from mentoring.views import agreements, importing, invitations, matching, pairs, people, profiles, programs, talks

urlpatterns = [
    path("programs/", programs.program_list, name="program_list"),
    path("programs/new/", programs.program_create, name="program_create"),
    path("programs/<int:pk>/", programs.program_detail, name="program_detail"),
    path("programs/<int:pk>/edit/", programs.program_edit, name="program_edit"),
    path("programs/<int:pk>/people/new/", people.enrollment_create, name="enrollment_create"),
    path("programs/<int:pk>/people/import/", importing.people_import, name="people_import"),
    path("programs/<int:pk>/people.csv", importing.people_export, name="people_export"),
    path("imports/<int:pk>/", importing.import_detail, name="import_detail"),
    path("imports/<int:pk>/start/", importing.import_start, name="import_start"),
    path("imports/<int:pk>/progress/", importing.import_progress, name="import_progress"),
    path("imports/<int:pk>/errors.csv", importing.import_errors, name="import_errors"),
    path("programs/<int:pk>/me/", profiles.profile_edit, name="profile_edit"),
    path("programs/<int:pk>/not-with/", profiles.never_pair_add, name="never_pair_add"),
    path("not-with/<int:pk>/remove/", profiles.never_pair_remove, name="never_pair_remove"),
    path("enrollments/<int:pk>/profile/", profiles.enrollment_profile, name="enrollment_profile"),
    path("enrollments/<int:pk>/resend/", people.enrollment_resend, name="enrollment_resend"),
    path("programs/<int:pk>/pairs/new/", pairs.pair_create, name="pair_create"),
    path("programs/<int:pk>/matching/", matching.matching, name="matching"),
    path("programs/<int:pk>/matching/weights/", matching.matching_weights, name="matching_weights"),
    path("programs/<int:pk>/matching/propose/", matching.matching_propose, name="matching_propose"),
    path("programs/<int:pk>/matching/publish/", matching.matching_publish, name="matching_publish"),
    path("enrollments/<int:pk>/candidates/", matching.matching_candidates, name="matching_candidates"),
    path("proposals/<int:pk>/lock/", matching.proposal_lock, name="proposal_lock"),
    path("proposals/<int:pk>/remove/", matching.proposal_remove, name="proposal_remove"),
    path("programs/<int:pk>/choose/", matching.mentor_choose, name="mentor_choose"),
    path("match-requests/<int:pk>/", matching.match_answer, name="match_answer"),
    path("programs/<int:pk>/talk/", talks.talk_ask, name="talk_ask"),
    path("talks/<int:pk>/taken/", talks.talk_take, name="talk_take"),
    path("pairs/<int:pk>/end/", pairs.pair_end, name="pair_end"),
    path("invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
    path("pairs/<int:pk>/how-we-work/", agreements.agreement_detail, name="agreement_detail"),
    path("pairs/<int:pk>/how-we-work/edit/", agreements.agreement_edit, name="agreement_edit"),
    path("agreements/<int:pk>/agree/", agreements.agreement_sign, name="agreement_sign"),
]
