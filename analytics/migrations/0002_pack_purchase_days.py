from django.db import migrations

import analytics.models.packed

PACK = """
ALTER TABLE analytics_purchasedays RENAME orders TO each_orders;
ALTER TABLE analytics_purchasedays RENAME net TO each_net;
ALTER TABLE analytics_purchasedays ADD orders bytea, ADD net bytea;
UPDATE analytics_purchasedays
   SET orders = (SELECT string_agg(int4send(one), '' ORDER BY place)
                   FROM unnest(each_orders) WITH ORDINALITY AS listed (one, place)),
       net = (SELECT string_agg(int8send(one), '' ORDER BY place)
                FROM unnest(each_net) WITH ORDINALITY AS listed (one, place));
ALTER TABLE analytics_purchasedays
      DROP each_orders, DROP each_net, ALTER orders SET NOT NULL, ALTER net SET NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]

    operations = [
        migrations.RunSQL(
            PACK,
            state_operations=[
                migrations.AlterField("purchasedays", "orders", analytics.models.packed.PackedField(">i4")),
                migrations.AlterField("purchasedays", "net", analytics.models.packed.PackedField(">i8")),
            ],
        )
    ]
