from loyalty.models.badge import Badge, BadgeAward, Challenge, Progress
from loyalty.models.earning_rule import CategoryFactor, EarningRule, ImportedOrders, TierFactor
from loyalty.models.referral import Referral, ReferralCode
from loyalty.models.rehearsal import Rehearsal, RehearsedCustomer
from loyalty.models.reward import Exchange, Reward, RewardRefused
from loyalty.models.tier import Standing, Tier, TierPeriod, TierScheme, TierStep

__all__ = [
    "Badge",
    "BadgeAward",
    "CategoryFactor",
    "Challenge",
    "EarningRule",
    "Exchange",
    "ImportedOrders",
    "Progress",
    "Referral",
    "ReferralCode",
    "Rehearsal",
    "RehearsedCustomer",
    "Reward",
    "RewardRefused",
    "Standing",
    "Tier",
    "TierFactor",
    "TierPeriod",
    "TierScheme",
    "TierStep",
]
