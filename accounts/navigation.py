"""Which item of the main navigation a page belongs to."""

# By the beginning of a URL's name; the longest one counts. A page named exactly as in PAGES is the item's own.
PAGES = {
    "home": "home",
    "session_list": "sessions",
    "commitment_list": "commitments",
    "practice_list": "practice",
    "program_list": "programs",
}
BEGINNINGS = {
    "home": """
        admin_visibility advocacy agreement celebration certificate check_in competency exit feedback goal growth
        handover indicator introduction item match_request mentor milestone opportunity outcome pack pair plan profile
        progress pulse reading talk_request trace work_event
    """,
    "sessions": "agenda_edit session status",
    "commitments": "commitment",
    "practice": "buddy debrief entry note practice project_debrief rehearsal stakeholder",
    "programs": """
        agenda_template attention enrollment import invitation_list matching pair_create pair_end people priority
        program resource
    """,
    "mentors": "mentors_page huddle",  # of a program for those who run one, from the home page for others
}
SECTION_OF = {beginning: section for section, names in BEGINNINGS.items() for beginning in names.split()}


def section_of(name: str) -> str:
    """Return the navigation item of a page by the name of its URL; an empty string if it belongs to none."""
    return next((SECTION_OF[name[:n]] for n in range(len(name), 0, -1) if name[:n] in SECTION_OF), PAGES.get(name, ""))
