from shop.models.api_key import ApiKey, ApiKeyUse, TwoKeysLive
from shop.models.audit_row import AuditRow
from shop.models.heartbeat import Heartbeat
from shop.models.idempotency import KeptAnswer
from shop.models.job import Cancelled, Job, TryLater
from shop.models.request_times import RequestTimes
from shop.models.second_factor import SecondFactor
from shop.models.setting import Setting
from shop.models.staff_session import StaffSession
from shop.models.throttle import Throttle, Verdict
from shop.models.token import StaffToken, Token
from shop.models.user import LastAdministrator, User

__all__ = [
    "ApiKey",
    "ApiKeyUse",
    "AuditRow",
    "Cancelled",
    "Heartbeat",
    "Job",
    "KeptAnswer",
    "LastAdministrator",
    "RequestTimes",
    "SecondFactor",
    "Setting",
    "StaffSession",
    "StaffToken",
    "Throttle",
    "Token",
    "TryLater",
    "TwoKeysLive",
    "User",
    "Verdict",
]
