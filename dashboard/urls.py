from django.urls import path

from dashboard.views import home, pair, start

urlpatterns = [
    path("", home.home, name="home"),
    path("pairs/<int:pk>/", pair.pair_detail, name="pair_detail"),
    path("start/", start.start, name="start"),
    path("start/demo/", start.start_demo, name="start_demo"),
    path("start/program/", start.start_program, name="start_program"),
    path("demo/", start.demo_people, name="demo_people"),
    path("demo/enter/<int:pk>/", start.demo_enter, name="demo_enter"),
    path("demo/clear/", start.demo_clear, name="demo_clear"),
]
