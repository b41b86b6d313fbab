from __future__ import annotations

from django.db import migrations

# As in accounts 0009; and the order history begins with what there is.
FORWARDS = """
ALTER TABLE subscriptions_licence ADD CONSTRAINT subscription_is_of_the_licences_customer
    FOREIGN KEY (subscription_id, customer_id) REFERENCES subscriptions_subscription (id, customer_id);
ALTER TABLE subscriptions_licence ADD CONSTRAINT person_is_of_the_licences_customer
    FOREIGN KEY (user_id, customer_id) REFERENCES accounts_user (id, customer_id);
ALTER TABLE subscriptions_autolicence ADD CONSTRAINT subscription_is_of_the_rules_customer
    FOREIGN KEY (subscription_id, customer_id) REFERENCES subscriptions_subscription (id, customer_id);
ALTER TABLE subscriptions_autolicence ADD CONSTRAINT org_unit_is_of_the_rules_customer
    FOREIGN KEY (org_unit_id, customer_id) REFERENCES accounts_orgunit (id, customer_id);
INSERT INTO subscriptions_order (subscription_id, reseller_id, kind, at, actor_kind, actor_email, actor_organisation,
        new_value, seats)
    SELECT id, reseller_id, 'ordered', ordered_at, 'system', '', '', jsonb_build_object('plan', plan,
        'seats', coalesce(number_of_seats, maximum_number_of_seats)), coalesce(number_of_seats, maximum_number_of_seats)
    FROM subscriptions_subscription ORDER BY id;
"""
BACKWARDS = """
DELETE FROM subscriptions_order;
ALTER TABLE subscriptions_licence DROP CONSTRAINT subscription_is_of_the_licences_customer;
ALTER TABLE subscriptions_licence DROP CONSTRAINT person_is_of_the_licences_customer;
ALTER TABLE subscriptions_autolicence DROP CONSTRAINT subscription_is_of_the_rules_customer;
ALTER TABLE subscriptions_autolicence DROP CONSTRAINT org_unit_is_of_the_rules_customer;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0004_licences_orders_and_transfers"),
        ("accounts", "0009_no_row_points_to_another_customer"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
