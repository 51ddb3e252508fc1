"""The places of the navigation, in their order; a role sees those it has the right for."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.complaints.panels import counts_of, mine_pressing
from loyalty.discounts.panels import count_of, waiting_count
from shop.navigation import Place, SettingsPlace, in_group


def pages(room: str, names: str) -> tuple[str, ...]:
    """Of one room: the pages on which a place is where one is."""
    return tuple(f"{room}:{name}" for name in names.split())


NAVIGATION = [
    Place(
        _("Today"),
        "crm:today",
        "sunrise",
        "customers.view",
        key="t",
        also=pages("crm", "tasks task task_new"),
    ),
    Place(
        _("Customers"),
        "crm:customers",
        "users",
        "customers.view",
        key="c",
        also=(
            *pages(
                "crm",
                "customer customer_new contact consent field copy erasure objection certificate "
                "duplicates merge merge_with merged bulk_all bulk_one bulk_new exports export contact_new "
                "customer_card_link customer_preferences_link",
            ),
            *pages(
                "loyalty",
                "points points_adjust customer_card_code customer_referral customer_tier customer_rewards give_one",
            ),
            *pages("feedback", "customer_surveys invite_one"),
        ),
    ),
    Place(
        _("Complaints"),
        "crm:complaints",
        "message-square-warning",
        "complaints.work",
        key="o",
        also=pages("crm", "complaint complaint_new team"),
        count=mine_pressing,
        question=counts_of,
    ),
    Place(
        pgettext_lazy("surveys and their answers", "Feedback"),
        "feedback:overview",
        "smile",
        "reports.view",
        key="f",
        also=(
            *pages(
                "feedback",
                "answers asked surveys survey survey_new survey_edit survey_question survey_question_new "
                "survey_around survey_version survey_preview survey_ways brand waiting invite_many "
                "sending topics topic comments",
            ),
            *pages("analytics", "response_bias"),
        ),
    ),
    Place(
        pgettext_lazy("points, tiers and rewards", "Loyalty"),
        "loyalty:programme",
        "award",
        "reports.view",
        key="y",
        also=pages(
            "loyalty",
            "dated draft draft_new draft_edit rehearsal rewards reward reward_new challenges "
            "challenge challenge_new referrals imported",
        ),
        second=True,
    ),
    Place(
        _("The till"),
        "loyalty:till",
        "shopping-basket",
        "till.use",
        key="k",
        also=pages("loyalty", "till_hold order_return customer_orders"),
    ),
    Place(
        _("Discounts"),
        "loyalty:discounts",
        "badge-percent",
        "discounts.assign",
        key="d",
        also=pages(
            "loyalty",
            "discount discount_new discount_edit assignment grant discount_uses discount_rehearsal "
            "discount_rehearsal_orders give_many",
        ),
        second=True,
        count=waiting_count,
        question=count_of,
    ),
    Place(_("At risk"), "analytics:at_risk", "flag", "reports.view", key="a", also=("analytics:risk_outcomes",)),
    Place(
        pgettext_lazy("navigation", "Points"),
        "loyalty:points_owed",
        "coins",
        "reports.view",
        key="p",
        second=True,
        also=pages("loyalty", "points_entries"),
    ),
    Place(
        _("Retention"),
        "analytics:retention",
        "refresh-cw",
        "reports.view",
        key="r",
        second=True,
        also=pages("analytics", "behind goals goal goal_new cohorts curves rfm recovery value grading graded offers"),
    ),
    Place(
        pgettext_lazy("navigation", "Mail"),
        "crm:mails",
        "mail",
        "reports.view",
        key="m",
        end=True,
        also=pages("crm", "mail kept_mails kept_mail"),
    ),
    Place(_("Import"), "crm:import", "file-up", "imports.run", key="i", end=True, also=("crm:import_one",)),
    Place(
        _("Settings"),
        "shop:settings",
        "sliders-horizontal",
        "settings.edit",
        key="s",
        end=True,
        also=(
            *pages("shop", "settings_screen staff own_shop keys backups"),
            *pages(
                "crm",
                "parked audit audit_export clocks clock webhooks webhook webhook_new webhook_edit delivery "
                "privacy mail_texts mail_text own_fields own_field tags",
            ),
        ),
    ),
]

# What can be set, in groups, in the order of the settings' index.
SETTINGS_PLACES = [
    *in_group(
        pgettext_lazy("settings", "Shop"),
        SettingsPlace(
            _("The shop"),
            _("Name, currency, time zone and the country of phone numbers."),
            "store",
            screen="shop",
        ),
        SettingsPlace(
            _("Opening hours"),
            _("When somebody works here, and which days are closed; deadlines count in these hours."),
            "clock",
            screen="hours",
        ),
        SettingsPlace(
            _("Figures"),
            _("What counts as revenue, and from when on somebody is overdue, at risk or likely lost."),
            "activity",
            screen="analytics",
            note=_("A change has all figures made anew; until they are ready, the last ones are shown."),
        ),
        SettingsPlace(
            _("Demo and own shop"),
            _("Switch between the demo shop and your own."),
            "arrow-left-right",
            view="shop:own_shop",
        ),
    ),
    *in_group(
        pgettext_lazy("settings", "Customers and their complaints"),
        SettingsPlace(
            _("Customers and tasks"),
            _("How cards and the work on them behave."),
            "users",
            screen="crm",
        ),
        SettingsPlace(
            _("Own fields"),
            _("What this shop wants to know of a customer beyond the fields of every card."),
            "list-plus",
            view="crm:own_fields",
        ),
        SettingsPlace(
            _("Tags"),
            _("Rename them, merge two into one, delete those nobody needs."),
            "tags",
            view="crm:tags",
        ),
        SettingsPlace(
            _("Complaints"),
            _("How soon they are answered and solved, and what their causes are."),
            "message-square-warning",
            screen="complaints",
        ),
    ),
    *in_group(
        pgettext_lazy("settings", "Points and discounts"),
        SettingsPlace(
            _("Discounts"),
            _("How much each may give away alone, and how many of a segment are held back."),
            "badge-percent",
            screen="discounts",
        ),
        SettingsPlace(
            pgettext_lazy("settings", "Points"),
            _("How many each may give or take alone."),
            "coins",
            screen="points",
        ),
        SettingsPlace(
            _("The till"),
            _("What a point pays, and what happens when goods come back."),
            "shopping-basket",
            screen="till",
        ),
    ),
    *in_group(
        pgettext_lazy("settings", "Feedback"),
        SettingsPlace(
            pgettext_lazy("settings", "Surveys"),
            _("How soon a low score is answered, and which websites may show a survey."),
            "message-circle-heart",
            screen="feedback",
        ),
        SettingsPlace(
            _("Look of the form"),
            _("The name, the logo and the colour that customers see when they answer."),
            "palette",
            right="surveys.edit",
            view="feedback:brand",
        ),
    ),
    *in_group(
        pgettext_lazy("settings", "Mail"),
        SettingsPlace(
            _("Consent and contact"),
            _("How often customers are written to, when not, and what goes without asking first."),
            "hand-heart",
            screen="contact",
        ),
        SettingsPlace(
            _("Mail"),
            _("From whom mails come, where answers go, how long they can be read."),
            "mail",
            screen="mail",
        ),
        SettingsPlace(
            _("Texts of the mails"),
            _("What each mail says, in each language."),
            "file-text",
            view="crm:mail_texts",
        ),
    ),
    *in_group(
        pgettext_lazy("settings", "Team and access"),
        SettingsPlace(
            _("Staff"),
            _("Who works here, and what each may do."),
            "user-round-cog",
            right="staff.manage",
            view="shop:staff",
        ),
        SettingsPlace(
            _("Signing in"),
            _("Whether administrators need a second factor."),
            "lock-keyhole",
            screen="access",
        ),
        SettingsPlace(
            _("API keys"),
            _("For the programs that send orders in."),
            "key-round",
            right="keys.manage",
            view="shop:keys",
        ),
        SettingsPlace(
            _("Webhooks"),
            _("Programs that are told at once when something happens, and what went out to them."),
            "webhook",
            right="keys.manage",
            view="crm:webhooks",
        ),
        SettingsPlace(
            _("Own network"),
            _("Which of your own machines webhooks may reach; everything else inside is closed to them."),
            "network",
            screen="network",
        ),
    ),
    *in_group(
        pgettext_lazy("settings", "Data and privacy"),
        SettingsPlace(
            _("Audit"),
            _("Who saw, changed and exported what, and when."),
            "history",
            right="audit.view",
            view="crm:audit",
        ),
        SettingsPlace(
            _("Privacy"),
            _("What customers asked for, old cards, who was erased."),
            "shield",
            right="customers.erase",
            view="crm:privacy",
        ),
        SettingsPlace(
            _("How long data are kept"),
            _("After how much time cards are proposed for erasure, and texts, logs and copies go."),
            "hourglass",
            screen="privacy",
        ),
        SettingsPlace(
            _("What goes tonight"),
            _("The clocks of what is kept: how many rows would go, and which."),
            "calendar-clock",
            view="crm:clocks",
        ),
        SettingsPlace(
            _("Backups"),
            _("Which there are, whether each can be restored, and another one now."),
            "archive",
            view="shop:backups",
        ),
        SettingsPlace(
            _("Work that got stuck"),
            _("What failed five times and waits for somebody to look."),
            "wrench",
            view="crm:parked",
        ),
    ),
]
