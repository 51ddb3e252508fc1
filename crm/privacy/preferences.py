"""How long personal data is kept."""

from django.utils.translation import gettext_lazy as _

from shop.preferences import Preference

PREFERENCES = [
    Preference(
        "privacy.years",
        "privacy",
        _("Years without activity after which a card is proposed for erasure"),
        "integer",
        0,
        help=_("0: never. Nothing is erased by itself: somebody looks at the list and confirms."),
        minimum=0,
        maximum=30,
    ),
]
