import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from shop.first_tables import FirstTables


class Migration(FirstTables):

    initial = True

    dependencies = [
        ('crm', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PurchaseDays',
            fields=[
                ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='purchase_days', serialize=False, to='crm.customer')),
                ('days', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), size=None)),
                ('orders', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('net', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Figures',
            fields=[
                ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='figures', serialize=False, to='crm.customer')),
                ('generation', models.BigIntegerField()),
                ('orders', models.IntegerField()),
                ('occasions', models.IntegerField()),
                ('net', models.DecimalField(decimal_places=3, max_digits=18)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('average_order', models.DecimalField(decimal_places=3, max_digits=18)),
                ('last_spend', models.DecimalField(decimal_places=3, max_digits=18)),
                ('gaps', models.IntegerField()),
                ('usual_gap', models.FloatField(null=True)),
                ('gap_low', models.FloatField(null=True)),
                ('gap_high', models.FloatField(null=True)),
                ('r', models.SmallIntegerField()),
                ('f', models.SmallIntegerField()),
                ('m', models.SmallIntegerField()),
                ('rfm', models.CharField(choices=[('new', 'New'), ('promising', 'Promising'), ('potential_loyal', 'Potential loyal'), ('champion', 'Champion'), ('loyal', 'Loyal'), ('needs_attention', 'Needs attention'), ('about_to_sleep', 'About to sleep'), ('drifting', 'Drifting'), ('cannot_lose', 'Cannot lose'), ('hibernating', 'Hibernating'), ('long_gone', 'Long gone')], max_length=16)),
                ('p_alive', models.FloatField(null=True)),
                ('p_silent_90', models.FloatField(null=True)),
                ('expected_365', models.FloatField(null=True)),
                ('expected_spend', models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ('value_365', models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ('at_stake', models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ('nine_of_ten', models.IntegerField(null=True)),
                ('overdue_on', models.DateField(null=True)),
                ('at_risk_on', models.DateField(null=True)),
                ('likely_lost_on', models.DateField(null=True)),
                ('second_due_on', models.DateField(null=True)),
            ],
            options={
                'indexes': [models.Index(models.OrderBy(models.F('net'), descending=True), models.OrderBy(models.F('customer'), descending=True), name='figures_by_net'), models.Index(models.OrderBy(models.F('orders'), descending=True), models.OrderBy(models.F('customer'), descending=True), name='figures_by_orders'), models.Index(models.OrderBy(models.F('last_on'), descending=True), models.OrderBy(models.F('customer'), descending=True), name='figures_by_last_order'), models.Index(models.OrderBy(models.F('average_order'), descending=True), models.OrderBy(models.F('customer'), descending=True), name='figures_by_average_order'), models.Index(fields=['first_on', 'customer'], name='figures_by_first_order'), models.Index(models.OrderBy(models.F('at_stake'), descending=True, nulls_last=True), models.OrderBy(models.F('customer'), descending=True), condition=models.Q(('likely_lost_on__isnull', False)), name='figures_by_value_at_stake'), models.Index(condition=models.Q(('occasions', 1)), fields=['second_due_on', 'customer'], name='figures_bought_once'), models.Index(condition=models.Q(('second_due_on__isnull', False)), fields=['second_due_on', 'customer'], name='figures_by_second_purchase')],
            },
        ),
        migrations.CreateModel(
            name='Generation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField()),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('published_at', models.DateTimeField(null=True)),
                ('is_current', models.BooleanField(default=False)),
                ('definition', models.PositiveIntegerField(default=1)),
                ('definition_since', models.DateField(default=datetime.date.today)),
                ('settings', models.JSONField(default=dict)),
                ('timing', models.JSONField(default=dict)),
                ('spend', models.JSONField(default=dict)),
                ('borders', models.JSONField(default=dict)),
                ('curves', models.JSONField(default=dict)),
                ('totals', models.JSONField(default=dict)),
                ('history_from', models.DateField(null=True)),
                ('customers', models.BigIntegerField(default=0)),
                ('flags_held_back', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('is_current',), name='one_generation_is_current'), models.CheckConstraint(condition=models.Q(('is_current', False), ('published_at__isnull', False), _connector='OR'), name='generation_is_current_once_published')],
            },
        ),
        migrations.CreateModel(
            name='Stale',
            fields=[
                ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='crm.customer')),
                ('marked_at', models.DateTimeField()),
                ('refreshed_at', models.DateTimeField(null=True)),
                ('covered_by', models.BigIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('refreshed_at__isnull', True)), fields=['marked_at'], name='stale_waiting')],
            },
        ),
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('overdue', 'Overdue'), ('at_risk', 'At risk'), ('likely_lost', 'Likely lost')], max_length=11)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state_since', models.DateField()),
                ('last_on', models.DateField()),
                ('silent_days', models.IntegerField()),
                ('usual_days', models.IntegerField(null=True)),
                ('at_stake', models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ('announced', models.BooleanField(default=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('closed_why', models.CharField(blank=True, choices=[('purchase', 'Bought again'), ('figures', 'The figures changed'), ('left_out', 'Left out of the figures')], max_length=9)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='crm.customer')),
            ],
            options={
                'indexes': [models.Index(fields=['customer', '-raised_at'], name='flag_newest_of_customer'), models.Index(condition=models.Q(('closed_why', 'purchase')), fields=['-closed_at', '-id'], name='flag_came_back')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('customer',), name='one_open_flag_per_customer'), models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), models.Q(('closed_why', ''), _negated=True), _connector='OR'), name='a_closed_flag_says_why')],
            },
        ),
        migrations.CreateModel(
            name='CohortCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cohort', models.DateField()),
                ('month', models.PositiveIntegerField()),
                ('members', models.IntegerField()),
                ('bought', models.IntegerField()),
                ('rolling', models.IntegerField()),
                ('cumulative', models.IntegerField()),
                ('complete', models.BooleanField()),
                ('known_before', models.BooleanField(default=False)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cohort_cells', to='analytics.generation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('generation', 'cohort', 'month'), name='cohort_cell_once_per_month')],
            },
        ),
        migrations.CreateModel(
            name='PeriodFigure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('mode', models.CharField(choices=[('window', 'Window'), ('monthly', 'Monthly')], max_length=7)),
                ('last_day', models.DateField()),
                ('complete', models.BooleanField()),
                ('start', models.IntegerField()),
                ('end', models.IntegerField()),
                ('new', models.IntegerField()),
                ('kept', models.IntegerField()),
                ('returned', models.IntegerField()),
                ('first_seen', models.IntegerField()),
                ('tried_and_left', models.IntegerField()),
                ('lapsed', models.IntegerField()),
                ('orders', models.IntegerField()),
                ('buyers', models.IntegerField()),
                ('revenue', models.DecimalField(decimal_places=3, max_digits=18)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='periods', to='analytics.generation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('generation', 'mode', 'month'), name='period_figure_once_per_month_and_mode'), models.CheckConstraint(condition=models.Q(('kept__lte', models.F('start'))), name='period_kept_come_from_the_start')],
            },
        ),
    ]
