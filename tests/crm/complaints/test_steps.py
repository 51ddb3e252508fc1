"""A complaint on its way: received, acknowledged, being solved, solved, customer told, closed, and back."""

import pytest
from django.db import IntegrityError, transaction

from crm.complaints.stages import Stage, StepRefused
from crm.models import Complaint, ComplaintTally, Event
from tests import build
from tests.crm.complaints.conftest import at


def happened(complaint):
    kinds = Event.objects.filter(subject_type="crm.complaint", subject_id=complaint.pk).order_by("pk")
    return [kind.removeprefix("complaint.") for kind in kinds.values_list("kind", flat=True)]


def test_it_goes_from_received_to_closed_and_each_step_is_an_event(ana, sam):
    complaint = build.complaint(ana, owner=sam)

    assert complaint.acknowledge(actor=sam.actor)
    assert complaint.work_on(actor=sam.actor)
    assert complaint.solve(actor=sam.actor, cause="Carrier", outcome="A new one was sent.")
    assert complaint.tell(actor=sam.actor, agreed=True)
    assert complaint.close(actor=sam.actor)

    assert (complaint.stage, complaint.agreed, complaint.cause) == ("closed", True, "Carrier")
    assert happened(complaint) == ["opened", "acknowledged", "started", "solved", "told", "closed"]
    assert not ana.complaints.open().exists()


def test_deadlines_are_counted_in_opening_hours_by_severity(ana, clock):
    urgent = build.complaint(ana, severity=1)  # 2 hours to answer, 9 to solve; open from nine to six
    small = build.complaint(ana, severity=3)  # 9 and 45

    assert urgent.answer_due_at == at("2026-12-09 12:00")
    assert urgent.solution_due_at == at("2026-12-10 10:00")
    assert small.answer_due_at == at("2026-12-10 10:00")
    assert small.solution_due_at == at("2026-12-16 10:00")
    assert urgent.answer_warn_at == at("2026-12-09 11:30")


def test_the_deadline_that_runs_is_first_the_answer_then_the_solution_then_none(ana, clock):
    complaint = build.complaint(ana, severity=1)
    due = [complaint.next_due_at]

    complaint.acknowledge(actor="")
    due.append(complaint.next_due_at)
    complaint.solve(actor="")
    due.append(complaint.next_due_at)
    complaint.tell(actor="")
    due.append(complaint.next_due_at)

    assert due == [at("2026-12-09 12:00"), at("2026-12-10 10:00"), at("2026-12-10 10:00"), None]


def test_a_pause_moves_the_deadline_by_the_hours_of_work_that_went_by(ana, clock):
    complaint = build.complaint(ana, severity=1, stage="acknowledged")
    complaint.wait(actor="")
    clock.move_to(at("2026-12-11 11:00"))  # 8 hours of Wednesday, 9 of Thursday, 2 of Friday

    assert complaint.next_due_at is None
    complaint.resume(actor="")

    assert complaint.solution_due_at == at("2026-12-14 11:00")  # 9 hours after Friday, eleven
    assert [pause.minutes for pause in complaint.pauses.all()] == [19 * 60]


def test_what_was_late_before_the_pause_stays_late(ana, clock):
    complaint = build.complaint(ana, severity=1, stage="acknowledged")
    clock.move_to(at("2026-12-10 12:00"))
    complaint.wait(actor="")
    clock.move_to(at("2026-12-15 12:00"))

    complaint.resume(actor="")

    assert complaint.solution_due_at == at("2026-12-10 10:00")
    assert complaint.is_late


def test_asking_the_customer_back_is_a_first_answer(ana):
    complaint = build.complaint(ana)

    complaint.wait(actor="")

    assert complaint.acknowledged_at is not None
    assert happened(complaint) == ["opened", "acknowledged", "paused"]


def test_no_step_is_taken_while_the_customer_is_asked(ana):
    complaint = build.complaint(ana, stage="in_work")
    complaint.wait(actor="")

    with pytest.raises(StepRefused) as refused:
        complaint.solve(actor="")

    assert refused.value.stage == "waiting"
    assert not complaint.wait(actor="")


def test_a_step_taken_before_changes_nothing_and_one_too_far_is_refused(ana):
    complaint = build.complaint(ana, stage="in_work")

    assert complaint.acknowledge(actor="") is False
    with pytest.raises(StepRefused):
        complaint.tell(actor="")

    assert happened(complaint) == ["opened", "acknowledged", "started"]


def test_solved_on_the_spot_is_answered_on_the_spot(ana, clock):
    complaint = build.complaint(ana)
    clock.move_to(at("2026-12-09 10:20"))

    complaint.solve(actor="", cause="Misunderstanding")

    assert complaint.answer_minutes == 20


def test_reopening_starts_the_time_to_solve_again(ana, clock):
    complaint = build.complaint(ana, severity=1, stage="closed", owner=None)
    clock.move_to(at("2026-12-14 09:00"))

    complaint.reopen(actor="", why="The second one is chipped too.")

    assert (complaint.stage, complaint.reopened, complaint.closed_at) == ("in_work", 1, None)
    assert complaint.solution_due_at == at("2026-12-14 18:00")
    assert complaint.reopen(actor="") is False
    with pytest.raises(StepRefused):
        build.complaint(ana).reopen(actor="")


def test_the_time_to_solve_is_without_pauses_and_counts_every_round(ana, clock):
    complaint = build.complaint(ana, severity=1, stage="acknowledged")
    clock.move_to(at("2026-12-09 11:00"))
    complaint.wait(actor="")
    clock.move_to(at("2026-12-09 14:00"))
    complaint.resume(actor="")
    clock.move_to(at("2026-12-09 15:00"))
    complaint.solve(actor="")
    complaint.tell(actor="")
    assert complaint.solution_minutes == 120

    clock.move_to(at("2026-12-10 09:00"))
    complaint.reopen(actor="")
    clock.move_to(at("2026-12-10 09:30"))
    complaint.solve(actor="")
    complaint.tell(actor="")

    assert complaint.solution_minutes == 150


def test_another_severity_reckons_the_deadlines_anew_with_the_pauses(ana, clock):
    complaint = build.complaint(ana, severity=3, stage="acknowledged")
    complaint.wait(actor="")
    clock.move_to(at("2026-12-09 12:00"))
    complaint.resume(actor="")

    complaint.regrade(1, actor="")

    assert complaint.solution_due_at == at("2026-12-10 12:00")  # nine hours and two of waiting
    assert happened(complaint)[-1] == "edited"


def test_it_belongs_to_the_owner_of_the_card_until_somebody_else_gets_it(ana, sam, mira):
    ana.owner = mira
    ana.save()

    complaint = build.complaint(ana)
    assert complaint.owner == mira

    assert complaint.assign(sam, actor=mira.actor)
    assert not complaint.assign(sam, actor=mira.actor)
    assert happened(complaint) == ["opened", "assigned"]
    assert complaint.assign(None, actor=mira.actor)


def test_the_database_keeps_what_a_stage_says(ana):
    complaint = build.complaint(ana)

    for wrong in ({"stage": Stage.CLOSED}, {"stage": Stage.ACKNOWLEDGED}, {"told_at": complaint.opened_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Complaint.objects.filter(pk=complaint.pk).update(**wrong)


def test_the_tally_follows_the_complaints_wherever_they_go(ana, ben):
    first, second = build.complaint(ana), build.complaint(ana)
    assert ana.complaint_tally.complaints == 2

    Complaint.objects.filter(pk=first.pk).update(customer=ben)
    assert dict(ComplaintTally.objects.values_list("customer", "complaints")) == {ana.pk: 1, ben.pk: 1}

    Complaint.objects.filter(pk=second.pk).delete()
    assert dict(ComplaintTally.objects.values_list("customer", "complaints")) == {ben.pk: 1}
