"""Who makes many cards at once says what is known of them in one statement, and has the triggers leave it to them."""

from django.db import migrations

UNLESS = "WHEN (current_setting('regulars.reach', true) IS DISTINCT FROM 'told')"

TRIGGERS = {
    "customer_begins_unreached": ("crm_customer", "regulars_reach_begins"),
    "identifier_reaches": ("crm_identifier", "regulars_reach_by_address"),
    "order_is_known": ("crm_order", "regulars_reach_by_order"),
}


def made(when: str) -> str:
    return "".join(
        f"DROP TRIGGER {name} ON {table};"
        f"CREATE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS made"
        f" FOR EACH STATEMENT {when} EXECUTE FUNCTION {function}();"
        for name, (table, function) in TRIGGERS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("crm", "0006_reach_by_its_index")]
    operations = [migrations.RunSQL(made(UNLESS), made(""))]
