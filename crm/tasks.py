from celery import shared_task

from crm.events import reactions


@shared_task(name="crm.react")
def react(name: str) -> None:
    """At least once: a receipt per event and reaction decides what is still to be done."""
    reactions.run_due(name)


@shared_task(name="crm.sweep_reactions")
def sweep_reactions() -> None:
    reactions.park_the_lethal()
    reactions.sweep()
