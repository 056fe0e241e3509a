from django.urls import path
from django.views.generic import RedirectView

from dashboard.views import (
    figures,
    flags,
    home,
    inventories,
    library,
    overview,
    pair,
    priorities,
    program_files,
    program_rules,
    programs,
    progress,
    pulse,
    search,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("news/dismiss/", home.news_dismiss, name="news_dismiss"),
    path("search/", search.search, name="search"),
    path("pairs/<int:pk>/", pair.pair_detail, name="pair_detail"),
    path("pairs/<int:pk>/progress/", progress.progress, name="progress"),
    path("pairs/<int:pk>/pulse/", pulse.pulse_edit, name="pulse_edit"),
    path("programs/", programs.program_list, name="program_list"),
    path("programs/<int:pk>/overview/", overview.program_overview, name="program_overview"),
    path("programs/<int:pk>/visibility/", programs.admin_visibility, name="admin_visibility"),
    path(
        "programs/<int:pk>/mentors/<int:user>/contacts/", programs.mentor_contact_create, name="mentor_contact_create"
    ),
    path("programs/<int:pk>/figures/", figures.program_figures, name="program_figures"),
    path("programs/<int:pk>/figures/update/", figures.figures_update, name="figures_update"),
    path("programs/<int:pk>/figures.csv", figures.figures_export, name="figures_export"),
    path("programs/<int:pk>/weeks/export/", figures.weeks_export, name="weeks_export"),
    path("programs/<int:pk>/attention/", overview.attention_bulk, name="attention_bulk"),
    path("programs/<int:pk>/paperwork/<str:rule>/remind/", flags.paperwork_remind, name="paperwork_remind"),
    path("flags/<int:pk>/unsnooze/", flags.flag_unsnooze, name="flag_unsnooze"),
    path("programs/<int:pk>/priorities/", priorities.priority_list, name="priority_list"),
    path("programs/<int:pk>/resources/", library.resource_list, name="resource_list"),
    path("resources/<int:pk>/", library.resource_edit, name="resource_edit"),
    path("resources/<int:pk>/remove/", library.resource_remove, name="resource_remove"),
    path("programs/<int:pk>/inventories/", inventories.program_inventory_list, name="program_inventory_list"),
    path("inventories/<int:pk>/", inventories.program_inventory_edit, name="program_inventory_edit"),
    path("inventories/<int:pk>/retire/", inventories.program_inventory_retire, name="program_inventory_retire"),
    path("priorities/<int:pk>/remove/", priorities.priority_remove, name="priority_remove"),
    path("competencies/<int:pk>/remove/", priorities.competency_remove, name="competency_remove"),
    path("programs/<int:pk>/rules/", program_rules.program_rules, name="program_rules"),
    path("programs/<int:pk>/note-templates/", program_rules.program_note_templates, name="program_note_templates"),
    path("programs/<int:pk>/phrases/", program_rules.program_phrases, name="program_phrases"),
    path("programs/<int:pk>/tips/", program_rules.program_tips, name="program_tips"),
    path("programs/<int:pk>/working-agreement/", program_rules.program_norms, name="program_norms"),
    path("programs/<int:pk>/questions/", program_rules.program_questions, name="program_questions"),
    path("programs/<int:pk>/reminders/choices/", program_rules.program_reminder_rules, name="program_reminder_rules"),
    path("programs/<int:pk>/file/", program_files.program_file, name="program_file"),
    path("programs/<int:pk>/file.yaml", program_files.program_file_export, name="program_file_export"),
    path("programs/<int:pk>/duplicate/", program_files.program_duplicate, name="program_duplicate"),
    # Addresses in emails that were sent earlier.
    path(
        "programs/<int:pk>/health/",
        RedirectView.as_view(pattern_name="program_overview", permanent=True, query_string=True),
    ),
    path(
        "pairs/<int:pk>/how-is-it-going/",
        RedirectView.as_view(pattern_name="pulse_edit", permanent=True, query_string=True),
    ),
]
