from __future__ import annotations

from django.db import migrations

# Anyone who is assigned to a customer that is none of their reseller's any more: without a live relation, and without a
# contract in the Customer Care Portal (S9), through which agents work there too. Each with its event (A1).
GONE = """
    NOT EXISTS (
        SELECT 1 FROM subscriptions_accessgrant g
        WHERE g.customer_id = staffed.customer_id AND g.reseller_id = {reseller}
          AND g.subscription_id IS NULL AND g.ended_at IS NULL
    ) AND NOT EXISTS (
        SELECT 1 FROM support_supportassignment a
        WHERE a.customer_id = staffed.customer_id AND a.reseller_id = {reseller}
          AND a.status = 'active' AND a.in_care_portal
    )
"""
EVENT = """
    INSERT INTO accounts_auditevent
        (name, actor_kind, actor_email, actor_organisation, actor_reseller_id, on_behalf_of, subject, old_value)
    SELECT 'UNASSIGN_CUSTOMER', 'system', '', '', {reseller}, '', {who},
           jsonb_build_object('customer', (SELECT primary_domain FROM accounts_customer WHERE id = staffed.customer_id))
    FROM ended staffed {joined};
"""
STAFFED = (
    ("accounts_customeragent", "accounts_user", "id", "user_id", "email"),
    ("accounts_customerteam", "accounts_team", "group_id", "group_id", "name"),
)


def forwards() -> str:
    statements = []
    for table, holder, key, column, who in STAFFED:
        gone = GONE.format(reseller="holder.reseller_id")
        joined = f"JOIN {holder} holder ON holder.{key} = staffed.{column}"
        event = EVENT.format(reseller="holder.reseller_id", who=f"holder.{who}", joined=joined)
        statements.append(f"""
            WITH ended AS (
                DELETE FROM {table} staffed USING {holder} holder
                WHERE holder.{key} = staffed.{column} AND {gone}
                RETURNING staffed.*
            )
            {event}
        """)  # noqa: S608  built from constants only
    return "".join(statements)


class Migration(migrations.Migration):
    """Staffing ends with its relation from now on (R13); what outlived its own ends here. Nothing brings it back."""

    dependencies = [
        ("support", "0002_mail_is_sent_for_the_whole_product"),
        ("subscriptions", "0006_home_pages_find_what_ends"),
        ("accounts", "0012_home_pages_find_their_rows"),
    ]

    operations = [migrations.RunSQL(forwards(), migrations.RunSQL.noop)]
