"""The page on which a person takes their data away, closes their account, or has it erased."""

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.http import FileResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AuditEvent
from operations.own_data import download


@require_safe
def your_data(request):
    return render(request, "operations/your_data.html")


@require_POST
@reauthentication_required
def your_data_download(request):
    """Download everything that the person wrote or may read, as one ZIP file."""
    if too_often := ratelimit.consume_or_429(request, action="download_own_data", user=request.user):
        return too_often
    file = download.as_zip(request.user)
    AuditEvent.record(request.user, AuditEvent.Action.OWN_DATA_EXPORTED, request.user)
    response = FileResponse(file, as_attachment=True, filename=download.file_name(request.user))
    response.headers["Content-Type"] = "application/zip"
    response.headers["Cache-Control"] = "no-store"
    return response
