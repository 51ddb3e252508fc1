from django.urls import URLPattern, URLResolver, path, register_converter

from shop.views import (
    backups,
    door,
    health,
    jobs,
    keys,
    own_shop,
    passwords,
    profile,
    second_factor,
    sessions,
    settings,
    staff,
)

app_name = "shop"
register_converter(settings.ScreenConverter, "screen")

urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", door.login, name="login"),
    path("logout/", door.logout, name="logout"),
    path("language/", door.language, name="language"),
    path("password/", passwords.forgotten, name="forgotten"),
    path("password/<str:secret>/", passwords.reset, name="reset"),
    path("invitation/<str:secret>/", passwords.invitation, name="invitation"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.password, name="password"),
    path("profile/second-factor/", second_factor.second_factor, name="second_factor"),
    path("profile/second-factor/codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("profile/second-factor/off/", second_factor.off, name="second_factor_off"),
    path("profile/sessions/end/", sessions.end_others, name="sessions_end"),
    path("profile/sessions/<str:digest>/end/", sessions.end_one, name="session_end"),
    path("settings/", settings.index, name="settings"),
    path("settings/staff/", staff.staff, name="staff"),
    path("settings/staff/<int:user_id>/role/", staff.role, name="staff_role"),
    path("settings/staff/<int:user_id>/access/", staff.access, name="staff_access"),
    path("settings/staff/<int:user_id>/invitation/", staff.invitation, name="staff_invitation"),
    path("settings/staff/<int:user_id>/second-factor/", staff.second_factor, name="staff_second_factor"),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/<int:key_id>/withdraw/", keys.withdraw, name="key_withdraw"),
    path("settings/backups/", backups.backups, name="backups"),
    path("settings/backups/now/", backups.take, name="backup_take"),
    path("settings/backups/<slug:name>/verify/", backups.verify, name="backup_verify"),
    path("settings/own-shop/", own_shop.own_shop, name="own_shop"),
    path("settings/<screen:screen>/", settings.screen, name="settings_screen"),
    path("jobs/<int:job_id>/", jobs.job, name="job"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job_cancel"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
]
