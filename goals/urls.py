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
]
