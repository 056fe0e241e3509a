"""The side navigation of the settings of a program."""

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

# The groups with their pages: the name of the URL, the label and the icon.
GROUPS = [
    (_("Program"), [("program_edit", _("General"), "adjustments-horizontal")]),
    (
        _("Pairs"),
        [
            ("matching_weights", _("Matching weights"), "scale"),
            ("matching_rules", _("Matching rules"), "arrows-right-left"),
            ("program_norms", _("Working agreement"), "document-check"),
            ("agenda_template_list", _("Agendas"), "list-bullet"),
            ("program_questions", _("Coaching questions"), "light-bulb"),
            ("program_phrases", _("Phrases"), "chat-bubble-left-right"),
            ("program_note_templates", _("Note templates"), "document-duplicate"),
            ("program_tips", _("Tips for mentors"), "chat-bubble-left-ellipsis"),
            ("priority_list", _("Priorities and competencies"), "flag"),
            ("resource_list", _("Resources"), "bookmark"),
            ("program_inventory_list", _("Inventories"), "clipboard-document-list"),
        ],
    ),
    (
        _("Keeping track"),
        [
            ("program_reminder_rules", _("Reminders"), "envelope"),
            ("program_rules", _("Attention rules"), "exclamation-circle"),
            ("program_file", _("Import and export"), "arrows-up-down"),
            ("program_api", _("API"), "command-line"),
            ("program_webhooks", _("Webhooks"), "bolt"),
            ("program_log", _("Log"), "clipboard-document-list"),
        ],
    ),
]
LABELS = {name: label for _group, pages in GROUPS for name, label, _icon in pages}


@register.simple_tag
def settings_groups() -> list:
    return GROUPS


@register.simple_tag
def settings_label(name: str) -> str:
    """Return the label of the page with this URL name."""
    return str(LABELS.get(name, _("Settings")))
