from __future__ import annotations

from django.db import migrations, models
from django.db.models.functions import Collate, Lower, Reverse


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_a_domain_in_use_is_an_event")]

    operations = [
        migrations.RemoveConstraint(model_name="orgunit", name="org_unit_name_is_unique_below_its_parent"),
        migrations.RemoveConstraint(model_name="team", name="team_name_is_unique_at_the_reseller"),
        migrations.AddConstraint(
            model_name="orgunit",
            constraint=models.UniqueConstraint(
                models.F("parent"), Lower("name"), name="org_unit_name_is_unique_below_its_parent"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                models.F("reseller"), Lower("name"), name="team_name_is_unique_at_the_reseller"
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(Collate(Reverse("primary_domain"), "C"), name="customers_below_a_domain"),
        ),
        migrations.AddIndex(
            model_name="reseller",
            index=models.Index(Collate(Reverse("primary_domain"), "C"), name="resellers_below_a_domain"),
        ),
    ]
