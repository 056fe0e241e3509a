from django.urls import path

from operations import views
from operations.own_data import views as own_data
from operations.scim import views as scim

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("livez", views.livez, name="livez"),
    path("metrics", views.metrics_text, name="metrics"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("manifest.webmanifest", views.web_manifest, name="web_manifest"),
    path("scim/v2/<path:path>", scim.scim, name="scim"),
    path("preferences/your-data/", own_data.your_data, name="your_data"),
    path("preferences/your-data/download/", own_data.your_data_download, name="your_data_download"),
    path("preferences/your-data/close/", own_data.account_close, name="account_close"),
    path("preferences/your-data/erase/", own_data.account_erase, name="account_erase"),
    path("preferences/your-data/keep/", own_data.account_keep, name="account_keep"),
]
