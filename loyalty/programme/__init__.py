"""The points programme: what earns points, tiers, rewards, referrals, challenges, and the rehearsal of a change."""
