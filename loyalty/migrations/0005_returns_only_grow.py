"""What a return of goods did is only added."""

from django.db import migrations

GUARD = """
CREATE TRIGGER goods_back_only_grows BEFORE UPDATE OR DELETE ON loyalty_goodsback
    FOR EACH ROW EXECUTE FUNCTION regulars_ledger_only_grows();
CREATE TRIGGER goods_back_is_not_emptied BEFORE TRUNCATE ON loyalty_goodsback
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_ledger_only_grows();
"""

NO_GUARD = """
DROP TRIGGER goods_back_only_grows ON loyalty_goodsback;
DROP TRIGGER goods_back_is_not_emptied ON loyalty_goodsback;
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0004_only_grows")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
