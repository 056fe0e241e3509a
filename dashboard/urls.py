from django.urls import path

from dashboard.views import direction, growth, handover, health, home, pair, progress, start

urlpatterns = [
    path("", home.home, name="home"),
    path("pairs/<int:pk>/", pair.pair_detail, name="pair_detail"),
    path("pairs/<int:pk>/progress/", progress.progress, name="progress"),
    path("pairs/<int:pk>/abilities/", progress.competency_list, name="competency_list"),
    path("pairs/<int:pk>/trace/<str:kind>/<int:ref>/", progress.trace, name="trace"),
    path("pairs/<int:pk>/record/", growth.growth_record, name="growth_record"),
    path("pairs/<int:pk>/record/file/", growth.growth_file, name="growth_file"),
    path("pairs/<int:pk>/certificate/", growth.certificate, name="certificate"),
    path("pairs/<int:pk>/handover/", handover.handover, name="handover"),
    path("programs/", health.program_list, name="program_list"),
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
    path("start/", start.start, name="start"),
    path("start/demo/", start.start_demo, name="start_demo"),
    path("start/program/", start.start_program, name="start_program"),
    path("demo/", start.demo_people, name="demo_people"),
    path("demo/enter/<int:pk>/", start.demo_enter, name="demo_enter"),
    path("demo/clear/", start.demo_clear, name="demo_clear"),
]
