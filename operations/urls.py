from django.urls import path

from operations import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("livez", views.livez, name="livez"),
    path("metrics", views.metrics_text, name="metrics"),
    path("manifest.webmanifest", views.web_manifest, name="web_manifest"),
]
