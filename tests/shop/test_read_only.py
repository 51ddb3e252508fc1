"""What the program keeps itself is in no form and no input of the API: found by looking at all of them."""

import importlib

import pytest
from django import forms
from django.conf import settings
from django.db import models
from rest_framework import serializers

from crm.api.fields import Strict

importlib.import_module(settings.ROOT_URLCONF)  # with it every view, form and serializer
ROOMS = ("shop.", "crm.", "loyalty.", "feedback.", "analytics.", "config.")
# Kept by verbs: a person or a program asks for what leads to them.
KEPT = set(
    """
    id pk actor balance available held debt taken refunded net net_goods stage state password secret digest is_active
    merged_into merged_into_id erased_at created_at recorded_at sent_at used_at withdrawn_at decided_at decided_by
    approved_by asked_by issued_by created_by set_by brought_by came_by sequence generation
""".split()
)
# Whom something is about, by number, or which ones to list; nothing is written by it.
NAMED = {"PersonInput.id", "OfAState.state"}


def below(kind):
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def ours(kind):
    return sorted({one for one in below(kind) if one.__module__.startswith(ROOMS)}, key=lambda one: one.__qualname__)


MODEL_FORMS = ours(forms.ModelForm)
INPUTS = ours(serializers.Serializer)


def test_there_are_forms_and_inputs_to_look_at():
    assert len(MODEL_FORMS) >= 10
    assert len(INPUTS) >= 20


@pytest.mark.parametrize("form", MODEL_FORMS, ids=lambda form: form.__qualname__)
def test_a_form_names_its_fields_and_none_is_kept_by_the_program(form):
    fields = {one.name: one for one in form._meta.model._meta.get_fields() if isinstance(one, models.Field)}
    unasked = {name for name, one in fields.items() if not one.editable or isinstance(one, models.GeneratedField)}

    assert isinstance(form._meta.fields, list | tuple)  # "__all__" would take in whatever a table gets later
    assert set(form.base_fields) & (KEPT | unasked) == set()


@pytest.mark.parametrize("form", ours(forms.Form), ids=lambda form: form.__qualname__)
def test_no_plain_form_asks_for_it_either(form):
    assert set(form.base_fields) & (KEPT - {"password", "state"}) == set()


@pytest.mark.parametrize("taken", INPUTS, ids=lambda taken: taken.__qualname__)
def test_an_input_refuses_what_it_does_not_know_and_knows_nothing_kept(taken):
    asked = {name for name, one in taken().fields.items() if not one.read_only}

    assert issubclass(taken, Strict)
    assert {name for name in asked & KEPT if f"{taken.__qualname__}.{name}" not in NAMED} == set()
