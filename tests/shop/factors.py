"""Ways over the pages of the second factor, and what they show."""

import re

from shop import totp
from shop.models import AuditRow, SecondFactor

PASSWORD = "a long password"
AT = "/profile/second-factor/"


def sealed_in(response):
    return re.search(r'name="sealed" value="([^"]+)"', response.content.decode())[1]


def secret_in(response):
    return re.search(r'secret__text">([A-Z2-7 ]+)<', response.content.decode())[1].replace(" ", "")


def codes_in(response):
    return re.findall(r"<li><code>([a-z0-9-]+)</code>", response.content.decode())


def switch_on(client, **typed):
    """(secret, recovery codes, the answer) of the way over the page."""
    page = client.get(AT)
    secret = secret_in(page)
    data = {"sealed": sealed_in(page), "code": totp.code(secret, totp.now()), "password": PASSWORD, **typed}
    answer = client.post(AT, data)
    return secret, codes_in(answer), answer


def has_factor(user, secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"):
    """(secret, recovery codes) of somebody who switched it on long ago."""
    codes = SecondFactor.switch_on(user, secret, totp.code(secret, totp.now()))
    SecondFactor.objects.filter(user=user).update(last_step=0)
    return secret, codes


def give_password(client, user, **extra):
    return client.post("/login/", {"email": user.email, "password": PASSWORD, **extra})


def give_code(client, code, **extra):
    return client.post("/login/", {"code": code, **extra})


def code_of(secret):
    return totp.code(secret, totp.now())


def is_in(client):
    return client.get("/profile/").status_code == 200


def kinds():
    return list(AuditRow.objects.order_by("pk").values_list("kind", flat=True))
