from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

# What belongs to a customer points to rows of the same customer only, whatever id a form was sent with.
# Checked at once: a forged id is refused by the statement that writes it. A null part is not compared.
FORWARDS = """
ALTER TABLE accounts_orgunit ADD CONSTRAINT parent_is_of_the_same_customer
    FOREIGN KEY (parent_id, customer_id) REFERENCES accounts_orgunit (id, customer_id);
ALTER TABLE accounts_user ADD CONSTRAINT org_unit_is_of_the_persons_customer
    FOREIGN KEY (org_unit_id, customer_id) REFERENCES accounts_orgunit (id, customer_id);
ALTER TABLE accounts_groupmember ADD CONSTRAINT group_is_of_the_members_customer
    FOREIGN KEY (group_id, customer_id) REFERENCES accounts_directorygroup (id, customer_id);
ALTER TABLE accounts_groupmember ADD CONSTRAINT subgroup_is_of_the_members_customer
    FOREIGN KEY (subgroup_id, customer_id) REFERENCES accounts_directorygroup (id, customer_id);
ALTER TABLE accounts_groupmember ADD CONSTRAINT person_is_of_the_groups_customer
    FOREIGN KEY (user_id, customer_id) REFERENCES accounts_user (id, customer_id);
ALTER TABLE accounts_device ADD CONSTRAINT org_unit_is_of_the_devices_customer
    FOREIGN KEY (org_unit_id, customer_id) REFERENCES accounts_orgunit (id, customer_id);
ALTER TABLE accounts_device ADD CONSTRAINT person_is_of_the_devices_customer
    FOREIGN KEY (user_id, customer_id) REFERENCES accounts_user (id, customer_id);
"""
BACKWARDS = """
ALTER TABLE accounts_orgunit DROP CONSTRAINT parent_is_of_the_same_customer;
ALTER TABLE accounts_user DROP CONSTRAINT org_unit_is_of_the_persons_customer;
ALTER TABLE accounts_groupmember DROP CONSTRAINT group_is_of_the_members_customer;
ALTER TABLE accounts_groupmember DROP CONSTRAINT subgroup_is_of_the_members_customer;
ALTER TABLE accounts_groupmember DROP CONSTRAINT person_is_of_the_groups_customer;
ALTER TABLE accounts_device DROP CONSTRAINT org_unit_is_of_the_devices_customer;
ALTER TABLE accounts_device DROP CONSTRAINT person_is_of_the_devices_customer;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_every_customer_has_a_tree")]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(customer__isnull=True, org_unit__isnull=True)
                | Q(customer__isnull=False, org_unit__isnull=False),
                name="people_of_customers_have_an_org_unit",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
