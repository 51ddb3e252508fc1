"""Who did what, when, where it is no event of a customer; and what was set before there was such a table."""

import django.utils.timezone
from django.db import migrations, models

GUARD = """
CREATE FUNCTION regulars_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('regulars.reason', true), '') LIKE 'retention:%' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON shop_auditrow
    FOR EACH ROW EXECUTE FUNCTION regulars_only_added();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON shop_auditrow
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_only_added();
"""
NO_GUARD = """
DROP TRIGGER audit_is_append_only ON shop_auditrow;
DROP TRIGGER audit_is_not_emptied ON shop_auditrow;
DROP FUNCTION regulars_only_added();
"""
SET_BEFORE = """
INSERT INTO shop_auditrow (at, kind, actor, subject_type, subject_id, data)
SELECT set_at, 'setting.changed', coalesce('staff:' || set_by_id, ''), '', NULL,
       jsonb_build_object('name', name, 'value', value)
  FROM shop_setting ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0003_only_digests_of_sessions")]

    operations = [
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kind", models.CharField(max_length=32)),
                ("actor", models.CharField(blank=True, max_length=40)),
                ("subject_type", models.CharField(blank=True, max_length=40)),
                ("subject_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="audit_newest"),
                    models.Index(fields=["actor", "-at", "-id"], name="audit_newest_of_actor"),
                    models.Index(fields=["kind", "-at", "-id"], name="audit_newest_of_kind"),
                    models.Index(
                        condition=models.Q(("subject_id__isnull", False)),
                        fields=["subject_id", "-at", "-id"],
                        name="audit_newest_of_subject",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SET_BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
