from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("crm", "0007_reach_may_be_told")]
    operations = [migrations.RemoveIndex(model_name="identifier", name="identifier_whose")]
