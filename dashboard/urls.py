from django.urls import path

from dashboard.views import home, pair

urlpatterns = [
    path("", home.home, name="home"),
    path("pairs/<int:pk>/", pair.pair_detail, name="pair_detail"),
]
