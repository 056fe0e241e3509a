from django.urls import path

from dashboard.views import direction, health, home, pair, program_files, progress

urlpatterns = [
    path("", home.home, name="home"),
    path("pairs/<int:pk>/", pair.pair_detail, name="pair_detail"),
    path("pairs/<int:pk>/progress/", progress.progress, name="progress"),
    path("programs/", health.program_list, name="program_list"),
    path("programs/<int:pk>/file/", program_files.program_file, name="program_file"),
    path("programs/<int:pk>/file.yaml", program_files.program_file_export, name="program_file_export"),
    path("programs/<int:pk>/again/", program_files.program_duplicate, name="program_duplicate"),
    path("programs/<int:pk>/rules/", program_files.program_rules, name="program_rules"),
    path("programs/<int:pk>/direction/", direction.direction, name="direction"),
    path("direction/<str:which>/<int:pk>/drop/", direction.direction_drop, name="direction_drop"),
    path("programs/<int:pk>/health/", health.program_health, name="program_health"),
    path("programs/<int:pk>/remind/<str:rule>/", health.paperwork_remind, name="paperwork_remind"),
    path("programs/<int:pk>/figures/count/", health.figures_count, name="figures_count"),
    path("programs/<int:pk>/figures.csv", health.figures_export, name="figures_export"),
    path("programs/<int:pk>/mentors/<int:user>/contact/", health.mentor_contact, name="mentor_contact"),
    path("flags/<int:pk>/snooze/", health.flag_snooze, name="flag_snooze"),
    path("flags/<int:pk>/unsnooze/", health.flag_unsnooze, name="flag_unsnooze"),
    path("pairs/<int:pk>/how-is-it-going/", health.pair_pulse, name="pair_pulse"),
    path("programs/<int:pk>/seen/", health.what_admins_see, name="what_admins_see"),
]
