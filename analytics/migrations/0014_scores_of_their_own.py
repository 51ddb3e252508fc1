from django.db import migrations, models

MOVED = """
    generation r f m rfm p_alive p_silent_90 expected_365 expected_spend value_365 at_stake nine_of_ten overdue_on
    at_risk_on likely_lost_on second_due_on
""".split()
KEPT_TWICE = ["customer_id", "occasions", "last_on"]
COPY = f"""
    INSERT INTO analytics_scores ({", ".join([*KEPT_TWICE, *MOVED])})
    SELECT {", ".join([*KEPT_TWICE, *MOVED])} FROM analytics_figures ORDER BY customer_id
"""


class Migration(migrations.Migration):
    """What the models say leaves the figures: those stay where they are when a full run finds the same orders."""

    dependencies = [("analytics", "0013_figures_by_stake"), ("crm", "0017_who_was_erased")]

    operations = [
        migrations.CreateModel(
            name="Scores",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=models.DO_NOTHING,
                        primary_key=True,
                        related_name="scores",
                        serialize=False,
                        to="crm.customer",
                    ),
                ),
                ("generation", models.BigIntegerField()),
                ("occasions", models.IntegerField()),
                ("last_on", models.DateField()),
                ("r", models.SmallIntegerField()),
                ("f", models.SmallIntegerField()),
                ("m", models.SmallIntegerField()),
                (
                    "rfm",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("promising", "Promising"),
                            ("potential_loyal", "Potential loyal"),
                            ("champion", "Champion"),
                            ("loyal", "Loyal"),
                            ("needs_attention", "Needs attention"),
                            ("about_to_sleep", "About to sleep"),
                            ("drifting", "Drifting"),
                            ("cannot_lose", "Cannot lose"),
                            ("hibernating", "Hibernating"),
                            ("long_gone", "Long gone"),
                        ],
                        max_length=16,
                    ),
                ),
                ("p_alive", models.FloatField(null=True)),
                ("p_silent_90", models.FloatField(null=True)),
                ("expected_365", models.FloatField(null=True)),
                ("expected_spend", models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ("value_365", models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ("at_stake", models.DecimalField(decimal_places=3, max_digits=18, null=True)),
                ("nine_of_ten", models.IntegerField(null=True)),
                ("overdue_on", models.DateField(null=True)),
                ("at_risk_on", models.DateField(null=True)),
                ("likely_lost_on", models.DateField(null=True)),
                ("second_due_on", models.DateField(null=True)),
            ],
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        *(
            migrations.RemoveIndex("figures", name)
            for name in ("figures_bought_once", "figures_by_first_order", "figures_without_stake", "figures_by_stake")
        ),
        *(migrations.RemoveField("figures", name) for name in MOVED),
        migrations.AddIndex(
            model_name="figures",
            index=models.Index(fields=["first_on", "customer"], name="figures_by_first_order"),
        ),
        migrations.AddIndex(
            model_name="scores",
            index=models.Index(
                models.OrderBy(models.F("at_stake"), descending=True, nulls_last=True),
                models.OrderBy(models.F("customer"), descending=True),
                condition=models.Q(("likely_lost_on__isnull", False)),
                include=("likely_lost_on", "at_risk_on", "overdue_on", "last_on"),
                name="scores_by_stake",
            ),
        ),
        migrations.AddIndex(
            model_name="scores",
            index=models.Index(
                condition=models.Q(("occasions", 1)), fields=["second_due_on", "customer"], name="scores_bought_once"
            ),
        ),
        migrations.AddIndex(
            model_name="scores",
            index=models.Index(
                condition=models.Q(("at_stake__isnull", True)),
                fields=["likely_lost_on", "occasions", "customer"],
                name="scores_without_stake",
            ),
        ),
    ]
