"""Everything that differs between machines comes from the environment; the rest is decided here."""

import os
from pathlib import Path

import environ

from config.connections import broker_url, database

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()  # a secret may stand in a file: SECRET_KEY_FILE=/run/secrets/key, and so with every name

DEBUG = env.bool("DEBUG", default=False)
TESTING = env.bool("REGULARS_TESTING", default=False)
ROLE = env("REGULARS_ROLE", default="manage")  # web, relay, worker, beat or manage
SECRET_KEY = env("SECRET_KEY", default="only-for-development" if DEBUG or TESTING else environ.Env.NOTSET)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former ones, while it is changed
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many proxies in front of us append to X-Forwarded-For
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000")
SECURE_SITE = SITE_URL.startswith("https://")

# Which shop this process serves: the owner's own, or the demo beside it (see doors/).
SHOP = os.environ.get("REGULARS_SHOP", "own")  # not by env(): REGULARS_SHOP_FILE is no secret file
SHOP_FILE = env("REGULARS_SHOP_FILE", default="")
SHOP_DATABASES = {
    "own": env("REGULARS_OWN_DATABASE_URL", default=""),
    "demo": env("REGULARS_DEMO_DATABASE_URL", default=""),
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",  # its own table stays empty: sessions are shop.StaffSession; older migrations read it
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "shop",
    "crm",
    "loyalty",
    "feedback",
    "analytics",
]

MIDDLEWARE = [
    "shop.middleware.RequestId",
    "shop.middleware.BrowserPolicy",
    "shop.middleware.NeverFiveHundred",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shop.middleware.SessionLimits",
    "shop.middleware.StaffPreferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shop.toasts.ToastMiddleware",
    "shop.tracing.LeavesATrace",
]

# Errors of any middleware reach shop.middleware.NeverFiveHundred, which alone decides how they are answered.
DEBUG_PROPAGATE_EXCEPTIONS = True
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "shop.rendering.FormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "shop.templatetags.shop"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "shop.context.frame",
            ],
        },
    }
]

# ---- Data ----------------------------------------------------------------------------------------
DATABASES = {"default": database(env, ROLE)}
# The role the site works under, where another one owns the tables (shop/management/commands/make_app_role.py).
APP_DATABASE_URL = env("APP_DATABASE_URL", default="")
TABLES_MADE_ANEW = "analytics.publishing.tables.TABLES"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
# The web never talks to Redis, so its absence cannot matter: the cache is each process's own memory.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# ---- Jobs ----------------------------------------------------------------------------------------
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "visibility_timeout": 3600,
    "global_keyprefix": f"regulars-{SHOP}:",
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_TIME_LIMIT = 3300
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "beat is alive": {"task": "shop.heartbeat", "schedule": 30.0, "args": ["beat"]},
    "night work": {"task": "shop.night", "schedule": 600.0},
    "sweep throttles, sessions and answers": {"task": "shop.sweep", "schedule": 3600.0},
    "sweep mails that did not leave": {"task": "crm.sweep_kept_mail", "schedule": 3600.0},
    "sweep webhook deliveries": {"task": "crm.sweep_deliveries", "schedule": 3600.0},
    "sweep old exports": {"task": "crm.sweep_exports", "schedule": 3600.0},
    "sweep what was noted for undo": {"task": "crm.sweep_changes", "schedule": 3600.0},
    "sweep contact places and links": {"task": "crm.sweep_contact", "schedule": 3600.0},
    "sweep old imports": {"task": "crm.sweep_imports", "schedule": 3600.0},
    "sweep complaints": {"task": "crm.sweep_complaints", "schedule": 3600.0},
    "sweep after erasures": {"task": "crm.sweep_erased", "schedule": 3600.0},
    "sweep holds and requests of discounts": {"task": "loyalty.sweep_discounts", "schedule": 300.0},
    "sweep done reactions": {"task": "crm.sweep_reactions", "schedule": 3600.0},
}

# ---- The tables in which the rooms meet ----------------------------------------------------------
REACTIONS = "config.reactions.REACTIONS"
FACETS = "config.facets.FACETS"
PANELS = "config.panels.PANELS"
QUESTIONS = "config.panels.QUESTIONS"
ACTIONS = "config.actions.ACTIONS"
UNTRACED = "config.untraced.UNTRACED"
CLOCKS = "config.clocks.CLOCKS"
SUBJECTS = "config.subjects.SUBJECTS"
POLICIES = "config.policies.POLICIES"
PLAIN_TEXT = "config.policies.PLAIN_TEXT"
FREE_TEXT = "config.policies.FREE_TEXT"
FILES_OF_ROWS = "config.policies.FILES_OF_ROWS"
WORDS = "config.words.WORDS"
GIFTS = "config.gifts.GIFTS"
# Every sort of mail that leaves the shop.
MAILS = "config.mails.MAILS"

# The places one can go; a role sees those it has the right for.
NAVIGATION = "config.navigation.NAVIGATION"
SETTINGS_PLACES = "config.navigation.SETTINGS_PLACES"
# What the relay looks through for work that is due; each returns (task name, arguments).
WORK_LISTS = [
    "crm.events.reactions.due",
    "crm.webhooks.delivering.due",
    "crm.complaints.watching.due",
    "shop.jobs.due",
    "analytics.tasks.due",
    "crm.mail.sending.due",
    "loyalty.till.sweeping.due",
    "loyalty.points.expiring.due",
    "loyalty.programme.jobs.due",
    "feedback.inviting.planning.due",
]
# Whether an order was made here, so that the one who sold it only adds to it.
MADE_HERE = "loyalty.till.joining.made_at_the_till"
# What a file that is imported may hold.
IMPORT_KINDS = [
    "crm.imports.orders.kind.ORDERS",
    "crm.imports.customers.kind.CUSTOMERS",
    "crm.imports.conversations.kind.CONVERSATIONS",
    "loyalty.opening.kind.POINTS",
    "feedback.importing.kind.RESPONSES",
]
# What each room tells of the demo shop, in one transaction with its orders; called with the staff by name and today.
DEMO = [
    "loyalty.demo.programme.tell",
    "loyalty.demo.discounts.tell",
    "feedback.demo.surveys.tell",
    "feedback.demo.answers.tell",
    "feedback.demo.mails.tell",
    "analytics.demo.tell",
]

# What /metrics tells of each room (shop/metrics.py).
METRICS = ["shop.metrics.of_the_house", "crm.metrics.of_the_spine", "shop.request_times.of_the_web"]
COUNT_REQUESTS = ROLE == "web"  # how long each took (shop/request_times.py)
METRICS_TOKEN = env("METRICS_TOKEN", default="")

# What each night brings; each is called once per local day of the shop with that day.
NIGHT_WORK = [
    "shop.backup.jobs.nightly",
    "analytics.tasks.nightly",
    "crm.duplicates.jobs.nightly",
    "crm.privacy.clock.nightly",
    "crm.privacy.jobs.nightly",
    "loyalty.points.keeping_watch.nightly",
    "loyalty.programme.jobs.nightly",
    "feedback.inviting.jobs.nightly",
    "feedback.figures.counting.nightly",
]
# Settings an owner may change, by room; one screen each.
PREFERENCES = [
    "shop.preferences.PREFERENCES",
    "crm.revenue.PREFERENCES",
    "crm.contact.preferences.PREFERENCES",
    "crm.complaints.preferences.PREFERENCES",
    "crm.privacy.preferences.PREFERENCES",
    "crm.mail.preferences.PREFERENCES",
    "loyalty.discounts.preferences.PREFERENCES",
    "loyalty.till.preferences.PREFERENCES",
    "loyalty.points.preferences.PREFERENCES",
    "feedback.preferences.PREFERENCES",
    "analytics.preferences.PREFERENCES",
]

# ---- Staff ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "shop.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of sign-ins in a test run
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "shop:login"
LOGIN_REDIRECT_URL = "crm:today"
SESSION_ENGINE = "shop.sessions"
SESSION_COOKIE_NAME = "regulars_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SITE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_IDLE_LIMIT = 12 * 3600
SESSION_ABSOLUTE_LIMIT = 14 * 24 * 3600
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if SECURE_SITE else 0)
# The rest of the domain, and whether http is sent to https, is for whoever owns the domain and the proxy.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

# ---- Languages, time -----------------------------------------------------------------------------
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("uk", "Українська"), ("pl", "Polski")]
LANGUAGE_CODE = env("LANGUAGE_CODE", default="en")
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # the shop's own zone is one of its settings

# ---- Files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "static-collected")))
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(BASE_DIR / "var" / f"media-{SHOP}")))
# Who was erased: numbers only, outside the database and outside what a backup brings back (crm/privacy/replay.py).
ERASED_FILE = Path(env("ERASED_FILE", default=str(MEDIA_ROOT.parent / f"erased-{SHOP}.jsonl")))
# Backups of the database and the files; keep a copy of this folder on another machine.
BACKUP_ROOT = Path(env("BACKUP_ROOT", default=str(MEDIA_ROOT.parent / f"backups-{SHOP}")))
BACKUP_KEEP = env.int("BACKUP_KEEP", default=14)  # how many of the nightly ones stay; 0: none is made
MANAGE = env("MANAGE", default="bin/manage")  # how commands are called here, where a page tells one
POSTGRES_PROGRAMS = env("POSTGRES_PROGRAMS", default="")  # the folder of pg_dump and pg_restore, when not found
BACKUP_CHECKS = [["check_ledger", "--quiet"]]  # each is asked of a restored database, and fails when it does not add up
AFTER_RESTORE = [["after_restore"], ["make_app_role"]]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DISK_RESERVE = env.int("DISK_RESERVE_MB", default=500) * 1_000_000  # less is free: imports and uploads are refused
IMPORT_LIMIT = env.int("IMPORT_LIMIT_MB", default=500)  # MB, as uploaded; ten times as much unpacked
# Plain: as they lie in static/. Otherwise gathered, joined and named by their contents.
PLAIN_STATIC = env.bool("PLAIN_STATIC", default=DEBUG or TESTING)
WHITENOISE_USE_FINDERS = PLAIN_STATIC
WHITENOISE_AUTOREFRESH = DEBUG or TESTING  # looks for a file when asked, not for all of them at every start
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PLAIN_STATIC
        else "shop.assets.JoinedStorage"
    },
}

# ---- Mail ----------------------------------------------------------------------------------------
# A provider by the name anymail has for it (postmark, mailgun, amazon_ses …), or a server by its URL, or none.
EMAIL_PROVIDER = env("EMAIL_PROVIDER", default="") if SHOP != "demo" else ""
ANYMAIL = {name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")}
MAIL_LEAVES = SHOP != "demo" and bool(EMAIL_PROVIDER or os.environ.get("EMAIL_URL"))
if MAIL_LEAVES and EMAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
elif MAIL_LEAVES:
    vars().update(env.email("EMAIL_URL"))
else:  # nothing leaves the machine: mails can be read on a page of the shop
    EMAIL_BACKEND = "crm.mail.mailbox.MailboxBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="") or "Regulars <regulars@localhost>"

# ---- API -----------------------------------------------------------------------------------------
API_PER_MINUTE = env.int("API_PER_MINUTE", default=1200)  # requests of one key
ANSWERS_PER_HOUR = env.int("ANSWERS_PER_HOUR", default=120)  # of surveys, from one address
REST_FRAMEWORK = {  # the rest: shop/api/views.py
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "DEFAULT_SCHEMA_CLASS": "shop.api.schema.Papers",
    "SCHEMA_COERCE_PATH_PK": False,
}
API_GROUPS = "config.api.GROUPS"
SPECTACULAR_SETTINGS = {
    "TITLE": "Regulars",
    "VERSION": "1",
    "DESCRIPTION": "Customers, orders, points, discounts, answers and complaints of one shop, for its programs.",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": ["shop.api.schema.complete"],
    "PATH_CONVERTER_OVERRIDES": {"customer": {"type": "string", "pattern": r"^([0-9]+|[A-Za-z0-9._-]{1,32}:[^/]+)$"}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "shop.logs.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "CRITICAL"},  # shop.middleware writes one line per failure, without personal data
    },
}
