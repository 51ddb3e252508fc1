"""Says in one sentence what is wrong with the Redis of REDIS_URL; without it the site opens, and what follows waits."""

from urllib.parse import urlsplit

from doors.console import say
from doors.refusal import Refusal

WITHIN = 3.0


def look_at(url: str) -> None:
    from redis import Redis
    from redis.exceptions import RedisError

    if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        raise Refusal("REDIS_URL must begin with redis://, rediss:// or unix:// (no other broker will do).")
    try:
        with Redis.from_url(url, socket_connect_timeout=WITHIN, socket_timeout=WITHIN) as redis:
            redis.ping()
    except ValueError:
        raise Refusal("REDIS_URL is not readable: it should look like redis://:password@host:6379/0.") from None
    except (RedisError, OSError) as error:
        why = str(error).rstrip(".")
        say(f"The Redis of REDIS_URL cannot be used ({why}): pages open, and what is to follow waits for it.")
