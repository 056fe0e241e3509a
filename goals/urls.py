from django.urls import path

from goals import views

urlpatterns = [
    path("commitments/", views.commitment_list, name="commitment_list"),
    path("commitments/<int:pk>/", views.commitment_detail, name="commitment_detail"),
    path("commitments/<int:pk>/edit/", views.commitment_edit, name="commitment_edit"),
    path("commitments/<int:pk>/done/", views.commitment_complete, name="commitment_complete"),
    path("commitments/<int:pk>/partly/", views.commitment_partly, name="commitment_partly"),
    path("commitments/<int:pk>/move/", views.commitment_move, name="commitment_move"),
    path("commitments/<int:pk>/drop/", views.commitment_drop, name="commitment_drop"),
    path("commitments/<int:pk>/split/", views.commitment_split, name="commitment_split"),
    path("commitment-events/<int:pk>/undo/", views.commitment_undo, name="commitment_undo"),
    path("pairs/<int:pk>/commitments/new/", views.commitment_create, name="commitment_create"),
    path("pairs/<int:pk>/goals/new/", views.goal_create, name="goal_create"),
    path("pairs/<int:pk>/goals/", views.goal_list, name="goal_list"),
    path("goals/<int:pk>/edit/", views.goal_edit, name="goal_edit"),
    path("goals/<int:pk>/reached/", views.goal_reach, name="goal_reach"),
    path("goals/<int:pk>/drop/", views.goal_drop, name="goal_drop"),
    path("goals/<int:pk>/reopen/", views.goal_reopen, name="goal_reopen"),
    path("goals/<int:pk>/milestones/new/", views.milestone_create, name="milestone_create"),
    path("milestones/<int:pk>/edit/", views.milestone_edit, name="milestone_edit"),
    path("milestones/<int:pk>/reached/", views.milestone_reach, name="milestone_reach"),
    path("milestones/<int:pk>/drop/", views.milestone_drop, name="milestone_drop"),
    path("milestones/<int:pk>/reopen/", views.milestone_reopen, name="milestone_reopen"),
    path("pairs/<int:pk>/events/new/", views.work_item_create, name="work_item_create"),
    path("events/<int:pk>/edit/", views.work_item_edit, name="work_item_edit"),
    path("events/<int:pk>/drop/", views.work_item_drop, name="work_item_drop"),
    path("events/<int:pk>/reopen/", views.work_item_reopen, name="work_item_reopen"),
]
