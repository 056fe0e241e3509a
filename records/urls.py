from django.urls import path
from django.views.generic import RedirectView

from records.views import growth_record, handover, trace

urlpatterns = [
    path("pairs/<int:pk>/competencies/", trace.competency_list, name="competency_list"),
    path("pairs/<int:pk>/competencies/<int:competency_pk>/", trace.competency_detail, name="competency_detail"),
    path("pairs/<int:pk>/trace/<str:kind>/<int:ref>/", trace.trace, name="trace"),
    path("pairs/<int:pk>/growth-record/", growth_record.growth_record, name="growth_record"),
    path("pairs/<int:pk>/growth-record/download/", growth_record.growth_record_download, name="growth_record_download"),
    path("pairs/<int:pk>/certificate/", growth_record.certificate, name="certificate"),
    path("pairs/<int:pk>/handover/", handover.handover, name="handover"),
    # The address in emails that were sent earlier.
    path(
        "pairs/<int:pk>/record/", RedirectView.as_view(pattern_name="growth_record", permanent=True, query_string=True)
    ),
]
