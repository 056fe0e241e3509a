from django.urls import path

from practice.views import buddies, conversations, entries, experiments, plans, practice

urlpatterns = [
    path("practice/", practice.practice_list, name="practice_list"),
    path("practice/download/", practice.practice_export, name="practice_export"),
    path("practice/new/<slug:kind>/", entries.entry_create, name="entry_create"),
    path("practice/all/<slug:kind>/", entries.entry_list, name="entry_list"),
    path("practice/<int:pk>/", entries.entry_detail, name="entry_detail"),
    path("practice/<int:pk>/edit/", entries.entry_edit, name="entry_edit"),
    path("practice/<int:pk>/links/", entries.entry_link, name="entry_link"),
    path("practice/<int:pk>/share/<int:pair_pk>/", entries.entry_share, name="entry_share"),
    path("practice/<int:pk>/commitment/", entries.entry_commit, name="entry_commit"),
    path("practice/<int:pk>/agenda/", entries.entry_to_agenda, name="entry_to_agenda"),
    path("practice/<int:pk>/more/", entries.entry_more, name="entry_more"),
    path("practice/<int:pk>/delete/", entries.entry_delete, name="entry_delete"),
    path("practice/plans/new/", plans.practice_plan_create, name="practice_plan_create"),
    path("practice/plans/<int:pk>/", plans.practice_plan_edit, name="practice_plan_edit"),
    path("practice/plans/<int:pk>/skip/", plans.practice_plan_skip, name="practice_plan_skip"),
    path("practice/plans/<int:pk>/done/", plans.practice_plan_tick, name="practice_plan_tick"),
    path("practice/plans/<int:pk>/stop/", plans.practice_plan_stop, name="practice_plan_stop"),
    path("practice/<int:pk>/rehearse/", conversations.rehearsal_create, name="rehearsal_create"),
    path("practice/<int:pk>/debrief/", conversations.debrief_create, name="debrief_create"),
    path("pairs/<int:pk>/rehearsals/", conversations.pair_rehearsals, name="pair_rehearsals"),
    path("practice/<int:pk>/begin/", experiments.experiment_begin, name="experiment_begin"),
    path("practice/<int:pk>/result/", experiments.experiment_finish, name="experiment_finish"),
    path("practice/buddies/new/", buddies.buddy_create, name="buddy_create"),
    path("practice/buddies/<int:pk>/", buddies.buddy_detail, name="buddy_detail"),
    path("practice/buddies/<int:pk>/accept/", buddies.buddy_accept, name="buddy_accept"),
    path("practice/buddies/<int:pk>/end/", buddies.buddy_end, name="buddy_end"),
    path("practice/buddy-lines/<int:pk>/reply/", buddies.buddy_reply, name="buddy_reply"),
    path("pairs/<int:pk>/practice/", practice.pair_practice, name="pair_practice"),
]
