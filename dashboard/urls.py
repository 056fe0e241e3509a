from django.urls import path

from dashboard.views import direction, growth, home, pair, progress, start

urlpatterns = [
    path("", home.home, name="home"),
    path("pairs/<int:pk>/", pair.pair_detail, name="pair_detail"),
    path("pairs/<int:pk>/progress/", progress.progress, name="progress"),
    path("pairs/<int:pk>/abilities/", progress.competency_list, name="competency_list"),
    path("pairs/<int:pk>/trace/<str:kind>/<int:ref>/", progress.trace, name="trace"),
    path("pairs/<int:pk>/record/", growth.growth_record, name="growth_record"),
    path("pairs/<int:pk>/record/file/", growth.growth_file, name="growth_file"),
    path("pairs/<int:pk>/certificate/", growth.certificate, name="certificate"),
    path("programs/<int:pk>/direction/", direction.direction, name="direction"),
    path("direction/<str:which>/<int:pk>/drop/", direction.direction_drop, name="direction_drop"),
    path("start/", start.start, name="start"),
    path("start/demo/", start.start_demo, name="start_demo"),
    path("start/program/", start.start_program, name="start_program"),
    path("demo/", start.demo_people, name="demo_people"),
    path("demo/enter/<int:pk>/", start.demo_enter, name="demo_enter"),
    path("demo/clear/", start.demo_clear, name="demo_clear"),
]
