from django.urls import path

from records.views import growth_record, handover, trace

urlpatterns = [
    path("pairs/<int:pk>/abilities/", trace.competency_list, name="competency_list"),
    path("pairs/<int:pk>/trace/<str:kind>/<int:ref>/", trace.trace, name="trace"),
    path("pairs/<int:pk>/record/", growth_record.growth_record, name="growth_record"),
    path("pairs/<int:pk>/record/file/", growth_record.growth_file, name="growth_file"),
    path("pairs/<int:pk>/certificate/", growth_record.certificate, name="certificate"),
    path("pairs/<int:pk>/handover/", handover.handover, name="handover"),
]
