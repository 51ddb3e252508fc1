from shop.models.heartbeat import Heartbeat
from shop.models.job import Cancelled, Job
from shop.models.setting import Setting
from shop.models.throttle import Throttle, Verdict
from shop.models.token import StaffToken, Token
from shop.models.user import User

__all__ = ["Cancelled", "Heartbeat", "Job", "Setting", "StaffToken", "Throttle", "Token", "User", "Verdict"]
