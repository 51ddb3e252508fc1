"""The places of the navigation, in their order; a role sees those it has the right for."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.complaints.panels import mine_pressing
from loyalty.discounts.panels import waiting_count
from shop.navigation import Place, SettingsPlace, in_group

NAVIGATION = [
    Place(
        _("Today"),
        "crm:today",
        "sunrise",
        "customers.view",
        key="t",
        also=("crm:tasks",),
    ),
    Place(
        _("Customers"),
        "crm:customers",
        "users",
        "customers.view",
        key="c",
        also=("crm:customer", "crm:customer_new", "crm:duplicates", "crm:merge", "crm:merge_with", "crm:merged"),
    ),
    Place(
        _("Complaints"),
        "crm:complaints",
        "message-square-warning",
        "complaints.work",
        key="o",
        also=("crm:complaint", "crm:complaint_new", "crm:team"),
        count=mine_pressing,
    ),
    Place(
        pgettext_lazy("points, tiers and rewards", "Loyalty"),
        "loyalty:programme",
        "award",
        "reports.view",
        key="y",
        also=(
            "loyalty:dated",
            "loyalty:draft",
            "loyalty:draft_new",
            "loyalty:draft_edit",
            "loyalty:rehearsal",
            "loyalty:rewards",
            "loyalty:reward",
            "loyalty:reward_new",
            "loyalty:challenges",
            "loyalty:challenge",
            "loyalty:challenge_new",
            "loyalty:referrals",
        ),
    ),
    Place(
        _("The till"),
        "loyalty:till",
        "shopping-basket",
        "till.use",
        key="k",
        also=("loyalty:till_hold", "loyalty:order_return"),
    ),
    Place(_("At risk"), "analytics:at_risk", "flag", "reports.view", key="a"),
    Place(
        _("Discounts"),
        "loyalty:discounts",
        "badge-percent",
        "discounts.assign",
        key="d",
        also=(
            "loyalty:discount",
            "loyalty:discount_new",
            "loyalty:discount_edit",
            "loyalty:assignment",
            "loyalty:grant",
        ),
        second=True,
        count=waiting_count,
    ),
    Place(_("Retention"), "analytics:retention", "refresh-cw", "reports.view", key="r"),
    Place(
        pgettext_lazy("navigation", "Mail"),
        "crm:mails",
        "mail",
        "reports.view",
        key="m",
        end=True,
        also=("crm:mail", "crm:kept_mails", "crm:kept_mail"),
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
            "shop:settings_screen",
            "shop:staff",
            "shop:own_shop",
            "shop:keys",
            "crm:parked",
            "crm:mail_texts",
            "crm:mail_text",
            "crm:own_fields",
            "crm:own_field",
            "crm:tags",
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
            _("The till"),
            _("What a point pays, and what happens when goods come back."),
            "shopping-basket",
            screen="till",
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
            _("API keys"),
            _("For the programs that send orders in."),
            "key-round",
            right="keys.manage",
            view="shop:keys",
        ),
    ),
    *in_group(
        pgettext_lazy("settings", "Data and privacy"),
        SettingsPlace(
            _("Privacy"),
            _("What customers asked for, old cards, who was erased."),
            "shield",
            right="customers.erase",
            view="crm:privacy",
        ),
        SettingsPlace(
            _("How long cards are kept"),
            _("After how many quiet years a card is proposed for erasure."),
            "hourglass",
            screen="privacy",
        ),
        SettingsPlace(
            _("Work that got stuck"),
            _("What failed five times and waits for somebody to look."),
            "wrench",
            view="crm:parked",
        ),
    ),
]
