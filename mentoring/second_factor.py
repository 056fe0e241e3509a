"""Program admins need a second factor: until they have one, they run nothing, and are led to set one up."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from accounts.context_processors import known_installation
from accounts.middleware import Middleware
from accounts.single_sign_on.identities import provider_vouches
from mentoring.models import Enrollment


def is_admin(user) -> bool:
    """Return True for program admins and the operator, also while they lack a second factor."""
    return user.is_superuser or Enrollment.objects.admin_roles_of(user).exists()


class SecondFactorMiddleware(Middleware):
    """Close program pages to admins without a second factor, and lead them to set one up.

    `user.lacks_second_factor` closes them: `EnrollmentQuerySet.run_by` then finds nothing, `active_of` no role as an
    admin, so that each page, list, search and export of a program answers 404. For somebody who is an admin, that 404
    becomes the way to the set-up. Background tasks have no request, so that admins still get their emails.
    """

    def __call__(self, request):
        user = request.user
        lacks_one = settings.ADMIN_SECOND_FACTOR and user.is_authenticated and not user.has_second_factor
        if lacks_one and not provider_vouches(request):
            user.lacks_second_factor = SimpleLazyObject(lambda: not known_installation().demo)
            return self.redirect_to_setup(request, self.get_response(request))
        return self.get_response(request)

    def redirect_to_setup(self, request, response):
        known = response.status_code == 404 and request.resolver_match
        if not known or not request.user.lacks_second_factor or not is_admin(request.user):
            return response
        if request.method == "GET" and not request.headers.get("HX-Request"):
            request.session["after_second_factor"] = request.get_full_path()
        to_setup = redirect("second_factor_required")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": to_setup.url})
        return to_setup


@require_safe
def second_factor_required(request):
    """Explain why program pages are closed, and offer the ways to open them."""
    if request.user.has_second_factor or not getattr(request.user, "lacks_second_factor", False):
        return redirect("mfa_index")
    return render(request, "mentoring/second_factor_required.html")
