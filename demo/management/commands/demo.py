import json

from django.core.management.base import BaseCommand, CommandError

from demo.installation import RealPeople, clear, people
from demo.scenario import fill


class Command(BaseCommand):
    help = "Fill an empty installation with a made-up program to look around in."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print the demo's people with roles and passwords")
        parser.add_argument("--clear", action="store_true", help="empty the demo installation again")

    def handle(self, *args, **options):
        try:
            if options["clear"]:
                clear()
                return
            fill()
        except RealPeople as error:
            raise CommandError(str(error)) from error
        who = people()
        if options["json"]:
            self.stdout.write(json.dumps(who, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(f"The demo has {len(who)} people. Start the server and come in as one of them.")
