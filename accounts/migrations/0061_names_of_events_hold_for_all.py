from __future__ import annotations

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0060_more_is_an_event")]

    # Reads the whole log and keeps nobody from writing an event meanwhile. Once, with the last names of a release: taken
    # back and done again it would meet events of later ones.
    operations = [ValidateConstraint("auditevent", "event_name_is_known")]
