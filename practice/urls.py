from django.urls import path

from practice.views import entries, practice

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
    path("practice/<int:pk>/delete/", entries.entry_delete, name="entry_delete"),
    path("pairs/<int:pk>/practice/", practice.pair_practice, name="pair_practice"),
]
