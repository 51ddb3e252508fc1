from django.urls import URLPattern, URLResolver, path

from loyalty.views import card, challenges, drafts, imported, programme, referrals, rewards

urlpatterns: list[URLPattern | URLResolver] = [
    path("loyalty/", programme.programme, name="programme"),
    path("loyalty/rewards/", rewards.rewards, name="rewards"),
    path("loyalty/rewards/new/", rewards.reward_new, name="reward_new"),
    path("loyalty/rewards/<int:pk>/", rewards.reward, name="reward"),
    path("loyalty/rewards/<int:pk>/put-away/", rewards.reward_put_away, name="reward_put_away"),
    path("loyalty/challenges/", challenges.challenges, name="challenges"),
    path("loyalty/challenges/new/", challenges.challenge_new, name="challenge_new"),
    path("loyalty/challenges/<int:pk>/", challenges.challenge, name="challenge"),
    path("loyalty/challenges/<int:pk>/put-away/", challenges.challenge_put_away, name="challenge_put_away"),
    path("loyalty/referrals/", referrals.referrals, name="referrals"),
    path("loyalty/referrals/<int:pk>/decision/", referrals.decision, name="referral_decision"),
    path("loyalty/rehearsals/<int:pk>/", drafts.rehearsal, name="rehearsal"),
    path("loyalty/imported/", imported.imported, name="imported"),
    path("customers/<int:customer_id>/referral/", referrals.referral_of, name="customer_referral"),
    path("customers/<int:customer_id>/referral/code/", referrals.code, name="customer_referral_code"),
    path("customers/<int:customer_id>/rewards/", card.exchanges, name="customer_rewards"),
    path("customers/<int:customer_id>/card-code/", card.code, name="customer_card_code"),
    path("customers/<int:customer_id>/tier/", card.tier, name="customer_tier"),
    # rules and tiers alike: sort is "rule" or "scheme"
    path("loyalty/changes/<slug:sort>/", drafts.dated, name="dated"),
    path("loyalty/changes/<slug:sort>/new/", drafts.draft_new, name="draft_new"),
    path("loyalty/changes/<slug:sort>/<int:pk>/", drafts.draft, name="draft"),
    path("loyalty/changes/<slug:sort>/<int:pk>/form/", drafts.draft_edit, name="draft_edit"),
    path("loyalty/changes/<slug:sort>/<int:pk>/publication/", drafts.publication, name="draft_publication"),
    path("loyalty/changes/<slug:sort>/<int:pk>/withdrawal/", drafts.withdrawal, name="draft_withdrawal"),
    path("loyalty/changes/<slug:sort>/<int:pk>/removal/", drafts.draft_removal, name="draft_removal"),
    path("loyalty/changes/<slug:sort>/<int:pk>/rehearsals/", drafts.rehearsals, name="draft_rehearsals"),
]
