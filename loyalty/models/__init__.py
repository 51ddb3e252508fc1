from loyalty.models.account import NEVER, Account
from loyalty.models.adjustment import Adjustment, CannotDecide
from loyalty.models.assignment import Assignment, Source
from loyalty.models.badge import Badge, BadgeAward, Challenge, Progress
from loyalty.models.budget import Budget, BudgetEmpty
from loyalty.models.checkout import Checkout
from loyalty.models.discount import Discount, DiscountVersion
from loyalty.models.earning_rule import CategoryFactor, EarningRule, ImportedOrders, TierFactor
from loyalty.models.entry import Allocation, Entry, Lot
from loyalty.models.goods_back import GoodsBack, SoldLine
from loyalty.models.grant import Drawn, Grant
from loyalty.models.hold import HeldLot, Hold
from loyalty.models.ledger_check import LedgerCheck
from loyalty.models.redemption import (
    NotAvailable,
    Redemption,
    RedemptionLine,
    RedemptionReturn,
    TooManyUnits,
    WrongState,
)
from loyalty.models.referral import Referral, ReferralCode
from loyalty.models.rehearsal import Rehearsal, RehearsedCustomer
from loyalty.models.reward import Exchange, Reward, RewardRefused
from loyalty.models.tier import Standing, Tier, TierPeriod, TierScheme, TierStep

__all__ = [
    "NEVER",
    "Account",
    "Adjustment",
    "Allocation",
    "Assignment",
    "Badge",
    "BadgeAward",
    "Budget",
    "BudgetEmpty",
    "CannotDecide",
    "CategoryFactor",
    "Challenge",
    "Checkout",
    "Discount",
    "DiscountVersion",
    "Drawn",
    "EarningRule",
    "Entry",
    "Exchange",
    "GoodsBack",
    "Grant",
    "HeldLot",
    "Hold",
    "ImportedOrders",
    "LedgerCheck",
    "Lot",
    "NotAvailable",
    "Progress",
    "Redemption",
    "RedemptionLine",
    "RedemptionReturn",
    "Referral",
    "ReferralCode",
    "Rehearsal",
    "RehearsedCustomer",
    "Reward",
    "RewardRefused",
    "SoldLine",
    "Source",
    "Standing",
    "Tier",
    "TierFactor",
    "TierPeriod",
    "TierScheme",
    "TierStep",
    "TooManyUnits",
    "WrongState",
]
