from django.urls import path

from demo import views

urlpatterns = [
    path("start/", views.start, name="start"),
    path("start/demo/", views.start_demo, name="start_demo"),
    path("start/program/", views.start_program, name="start_program"),
    path("demo/", views.demo_people, name="demo_people"),
    path("demo/enter/<int:pk>/", views.demo_enter, name="demo_enter"),
    path("demo/clear/", views.demo_clear, name="demo_clear"),
]
