from __future__ import annotations

from typing import Any, Final

import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

from accounts.migrations._columns import add_columns, drop_columns, fill, make_random
from accounts.migrations._indexes import BuildIndex

_TEXT: Final = "varchar({}) DEFAULT '' NOT NULL"
COLUMNS: Final = {
    "accounts_customer": {
        "customer_id": "varchar(9)",
        "organization_number": "bigint",
        "alternate_email": _TEXT.format(254),
        "contact_name": _TEXT.format(200),
        "address_line1": _TEXT.format(200),
        "address_line2": _TEXT.format(200),
        "address_line3": _TEXT.format(200),
        "locality": _TEXT.format(100),
        "region": _TEXT.format(100),
        "postal_code": _TEXT.format(20),
        "country_code": _TEXT.format(2),
    },
    "accounts_user": {
        "public_id": "varchar(21)",
        "given_name": _TEXT.format(200),
        "family_name": _TEXT.format(200),
        "recovery_email": _TEXT.format(254),
        "recovery_phone": _TEXT.format(40),
        "contact": "jsonb DEFAULT '{}' NOT NULL",
    },
    "accounts_orgunit": {"public_id": "varchar(15)"},
    "accounts_directorygroup": {"public_id": "varchar(15)"},
    "accounts_device": {
        "public_id": "varchar(36)",
        "annotated_user": _TEXT.format(100),
        "annotated_asset_id": _TEXT.format(100),
        "annotated_location": _TEXT.format(200),
        "notes": _TEXT.format(500),
    },
}
# A UUID has 122 random bits. Its last 15 hexadecimal digits are random: in front of them are those of the version.
_SIXTY_BITS: Final = "('x' || right(replace(gen_random_uuid()::text, '-', ''), 15))::bit(60)::bigint"
_LETTERS: Final = "translate(lower(encode(uuid_send(gen_random_uuid()), 'base64')), '+/=', '')"
_LAST_13: Final = "right(replace(gen_random_uuid()::text, '-', ''), 13)"
# By table, column and constraint.
RANDOM: Final = {
    ("accounts_customer", "customer_id", "customer_has_an_id"): f"('C' || left({_LETTERS}, 8))",
    ("accounts_customer", "organization_number", "customer_has_a_number"): (
        f"(100000000000 + mod({_SIXTY_BITS}, 900000000000))"
    ),
    ("accounts_user", "public_id", "person_has_an_id"): f"('1' || lpad(({_SIXTY_BITS})::text, 20, '0'))",
    ("accounts_orgunit", "public_id", "org_unit_has_an_id"): f"('03' || {_LAST_13})",
    ("accounts_directorygroup", "public_id", "group_has_an_id"): f"('01' || {_LAST_13})",
    ("accounts_device", "public_id", "device_has_an_id"): "(gen_random_uuid()::text)",
}
# The last word is the family name; a person of one word has none.
_GIVEN: Final = "regexp_replace({0}, ' [^ ]+$', '')"
_FAMILY: Final = "CASE WHEN {0} ~ ' ' THEN substring({0} FROM '[^ ]+$') ELSE '' END"
# Kept in step by the database where only the name is written: the release before knows no parts, and neither do files.
# Who knows the parts writes them after the name.
TRIGGER: Final = f"""
CREATE OR REPLACE FUNCTION name_has_parts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.given_name <> '' OR NEW.family_name <> '') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.name <> OLD.name THEN
        NEW.given_name := {_GIVEN.format("NEW.name")};
        NEW.family_name := {_FAMILY.format("NEW.name")};
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER name_has_parts BEFORE INSERT OR UPDATE OF name ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION name_has_parts();
"""
NO_TRIGGER: Final = """
DROP TRIGGER IF EXISTS name_has_parts ON accounts_user;
DROP FUNCTION IF EXISTS name_has_parts();
"""
# What an identity provider says of the parts counts.
FILL_PARTS: Final = f"""
UPDATE accounts_user u SET given_name = f.given_name, family_name = f.family_name
FROM (
    SELECT o.id,
        CASE WHEN p.id IS NULL THEN {_GIVEN.format("o.name")} ELSE p.given_name END AS given_name,
        CASE WHEN p.id IS NULL THEN {_FAMILY.format("o.name")} ELSE p.family_name END AS family_name
    FROM accounts_user o
    LEFT JOIN accounts_provisioned p ON p.user_id = o.id AND (p.given_name <> '' OR p.family_name <> '')
    WHERE o.id >= %s AND o.id < %s AND o.given_name = '' AND o.family_name = ''
) f WHERE f.id = u.id
"""  # noqa: S608  constants


def forwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            add_columns(cursor, table, columns)
        cursor.execute(TRIGGER)
        fill(cursor, "accounts_user", "given_name = '' AND family_name = ''", FILL_PARTS)
        for (table, column, unique), default in RANDOM.items():
            make_random(cursor, table, column, default, unique)


def backwards(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(NO_TRIGGER)
        for table, columns in COLUMNS.items():
            drop_columns(cursor, table, columns)


class Migration(migrations.Migration):
    # Rows are filled in pieces and indexes are built beside people at work, which no transaction can do.
    atomic = False
    dependencies = [("accounts", "0047_entries_know_their_second_factor")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(forwards, backwards)],
            state_operations=[
                migrations.AddField(
                    model_name="customer",
                    name="address_line1",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="address line 1"
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="address_line2",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="address line 2"
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="address_line3",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="address line 3"
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="alternate_email",
                    field=models.EmailField(
                        blank=True, db_default="", default="", max_length=254, verbose_name="alternate e-mail address"
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="contact_name",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="contact"
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="country_code",
                    field=models.CharField(blank=True, db_default="", default="", max_length=2, verbose_name="country"),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="customer_id",
                    field=models.CharField(
                        db_default=django.db.models.expressions.RawSQL(
                            "('C' || left(translate(lower(encode(uuid_send(gen_random_uuid()), 'base64')), '+/=', ''), 8))",
                            (),
                            models.CharField(),
                        ),
                        editable=False,
                        max_length=9,
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="locality",
                    field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="city"),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="organization_number",
                    field=models.BigIntegerField(
                        db_default=django.db.models.expressions.RawSQL(
                            "(100000000000 + mod(('x' || right(replace(gen_random_uuid()::text, '-', ''), 15))::bit(60)::bigint, 900000000000))",
                            (),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="postal_code",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=20, verbose_name="postal code"
                    ),
                ),
                migrations.AddField(
                    model_name="customer",
                    name="region",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="region"
                    ),
                ),
                migrations.AddField(
                    model_name="device",
                    name="annotated_asset_id",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="asset ID"
                    ),
                ),
                migrations.AddField(
                    model_name="device",
                    name="annotated_location",
                    field=models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="location"
                    ),
                ),
                migrations.AddField(
                    model_name="device",
                    name="annotated_user",
                    field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="user"),
                ),
                migrations.AddField(
                    model_name="device",
                    name="notes",
                    field=models.CharField(blank=True, db_default="", default="", max_length=500, verbose_name="notes"),
                ),
                migrations.AddField(
                    model_name="device",
                    name="public_id",
                    field=models.CharField(
                        db_default=django.db.models.expressions.RawSQL(
                            "(gen_random_uuid()::text)", (), models.CharField()
                        ),
                        editable=False,
                        max_length=36,
                    ),
                ),
                migrations.AddField(
                    model_name="directorygroup",
                    name="public_id",
                    field=models.CharField(
                        db_default=django.db.models.expressions.RawSQL(
                            "('01' || right(replace(gen_random_uuid()::text, '-', ''), 13))", (), models.CharField()
                        ),
                        editable=False,
                        max_length=15,
                    ),
                ),
                migrations.AddField(
                    model_name="orgunit",
                    name="public_id",
                    field=models.CharField(
                        db_default=django.db.models.expressions.RawSQL(
                            "('03' || right(replace(gen_random_uuid()::text, '-', ''), 13))", (), models.CharField()
                        ),
                        editable=False,
                        max_length=15,
                    ),
                ),
                migrations.AddField(
                    model_name="user",
                    name="contact",
                    field=models.JSONField(blank=True, db_default={}, default=dict),
                ),
                migrations.AddField(
                    model_name="user",
                    name="family_name",
                    field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="family name"),
                ),
                migrations.AddField(
                    model_name="user",
                    name="given_name",
                    field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="given name"),
                ),
                migrations.AddField(
                    model_name="user",
                    name="public_id",
                    field=models.CharField(
                        db_default=django.db.models.expressions.RawSQL(
                            "('1' || lpad((('x' || right(replace(gen_random_uuid()::text, '-', ''), 15))::bit(60)::bigint)::text, 20, '0'))",
                            (),
                            models.CharField(),
                        ),
                        editable=False,
                        max_length=21,
                    ),
                ),
                migrations.AddField(
                    model_name="user",
                    name="recovery_email",
                    field=models.EmailField(blank=True, db_default="", default="", max_length=254),
                ),
                migrations.AddField(
                    model_name="user",
                    name="recovery_phone",
                    field=models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                migrations.AddConstraint(
                    model_name="customer",
                    constraint=models.UniqueConstraint(fields=("customer_id",), name="customer_has_an_id"),
                ),
                migrations.AddConstraint(
                    model_name="customer",
                    constraint=models.UniqueConstraint(fields=("organization_number",), name="customer_has_a_number"),
                ),
                migrations.AddConstraint(
                    model_name="device",
                    constraint=models.UniqueConstraint(fields=("public_id",), name="device_has_an_id"),
                ),
                migrations.AddConstraint(
                    model_name="directorygroup",
                    constraint=models.UniqueConstraint(fields=("public_id",), name="group_has_an_id"),
                ),
                migrations.AddConstraint(
                    model_name="orgunit",
                    constraint=models.UniqueConstraint(fields=("public_id",), name="org_unit_has_an_id"),
                ),
                migrations.AddConstraint(
                    model_name="user",
                    constraint=models.UniqueConstraint(fields=("public_id",), name="person_has_an_id"),
                ),
            ],
        ),
        BuildIndex(
            model_name="user",
            index=models.Index(
                models.F("customer"),
                django.db.models.functions.comparison.Collate("email", "C"),
                models.F("id"),
                condition=models.Q(
                    ("customer__isnull", False), ("deleted_at__isnull", True), ("purged_at__isnull", True)
                ),
                name="people_by_address",
            ),
        ),
        BuildIndex(
            model_name="user",
            index=models.Index(
                models.F("customer"),
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Lower("family_name"), "C"
                ),
                models.F("id"),
                condition=models.Q(
                    ("customer__isnull", False), ("deleted_at__isnull", True), ("purged_at__isnull", True)
                ),
                name="people_by_family_name",
            ),
        ),
        BuildIndex(
            model_name="user",
            index=models.Index(
                models.F("customer"),
                django.db.models.functions.comparison.Collate(django.db.models.functions.text.Lower("given_name"), "C"),
                models.F("id"),
                condition=models.Q(
                    ("customer__isnull", False), ("deleted_at__isnull", True), ("purged_at__isnull", True)
                ),
                name="people_by_given_name",
            ),
        ),
    ]
