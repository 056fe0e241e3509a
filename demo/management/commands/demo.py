import json

from django.core.management.base import BaseCommand, CommandError

from demo.clearing import NotADemo, clear_demo
from demo.people import list_people
from demo.scenario import create_demo


class Command(BaseCommand):
    help = "Create the demo program in an empty installation, or delete it (--clear)."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print the people of the demo with roles and passwords")
        parser.add_argument(
            "--clear", action="store_true", help="delete the demo, so that the installation is empty again"
        )

    def handle(self, *args, **options):
        try:
            if options["clear"]:
                clear_demo()
                return
            create_demo()
        except NotADemo as error:
            raise CommandError(str(error)) from error
        people = list_people()
        if options["json"]:
            self.stdout.write(json.dumps(people, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(f"The demo has {len(people)} people. Start the server and sign in as one of them.")
