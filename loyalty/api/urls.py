from django.urls import path

from loyalty.api import discounts, points, programme, returns, till

app_name = "loyalty_api"

urlpatterns = [
    path("discounts/", discounts.DiscountList.as_view(), name="discounts"),
    path("grants/", discounts.GrantList.as_view(), name="grants"),
    path("grants/<int:pk>/withdraw/", discounts.GrantWithdraw.as_view(), name="grant_withdraw"),
    path("customers/<customer:pk>/points/", points.PointsDetail.as_view(), name="points"),
    path("customers/<customer:pk>/points/entries/", points.EntryList.as_view(), name="entries"),
    path("customers/<customer:pk>/points/adjustments/", points.AdjustmentList.as_view(), name="adjustments"),
    path("rewards/", programme.RewardList.as_view(), name="rewards"),
    path("customers/<customer:pk>/exchanges/", programme.ExchangeList.as_view(), name="exchanges"),
    path("customers/<customer:pk>/referrals/", programme.ReferralList.as_view(), name="referrals"),
    path("customers/<customer:pk>/referral-code/", programme.ReferralCodeOf.as_view(), name="referral_code"),
    path("referrals/", programme.JoiningList.as_view(), name="joinings"),
    path("till/quotes/", till.QuoteList.as_view(), name="quotes"),
    path("till/sales/", till.SaleList.as_view(), name="sales"),
    path("till/holds/", till.HoldList.as_view(), name="holds"),
    path("till/holds/<int:pk>/", till.HoldDetail.as_view(), name="hold"),
    path("till/holds/<int:pk>/commit/", till.Commit.as_view(), name="commit"),
    path("till/holds/<int:pk>/void/", till.Void.as_view(), name="void"),
    path("till/returns/", returns.ReturnList.as_view(), name="returns"),
    path("till/returns/preview/", returns.ReturnPreview.as_view(), name="preview"),
]
