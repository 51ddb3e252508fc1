"""What staff type and what placeholders stand for, on its way to HTML and text."""

import pytest

from crm.mail.kinds import mail_named
from crm.mail.markup import as_html, as_line, as_text
from crm.mail.placeholders import allowed, complaints
from crm.models import CustomField

VALUES = {"first_name": "Ana", "link": "https://shop.example/p/abc", "outcome": "One.\nTwo.", "shop": "Tansy & Wren"}


def test_paragraphs_lists_bold_and_a_button():
    html = as_html("Hello **you**,\n\n- one\n- two\n\n[Open it]({link})", VALUES)

    assert html.split("\n") == [
        "<p>Hello <strong>you</strong>,</p>",
        "<ul><li>one</li><li>two</li></ul>",
        '<p class="act"><a class="button" href="https://shop.example/p/abc">Open it</a></p>',
    ]


def test_a_link_within_a_line_and_a_bare_address():
    html = as_html("See [here]({link}) or https://shop.example/x.", VALUES)

    assert html == (
        '<p>See <a href="https://shop.example/p/abc">here</a> or '
        '<a href="https://shop.example/x">https://shop.example/x</a>.</p>'
    )


def test_the_plain_text_writes_links_out():
    assert as_text("Hello **{first_name}**,\n\n[Open it]({link})", VALUES) == (
        "Hello Ana,\n\nOpen it: https://shop.example/p/abc\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {first_name},", "Hello,"),
        ("Здравствуйте, {first_name}!", "Здравствуйте!"),
        ("{first_name}, your order", "your order"),
        ("Dear {first_name} of {shop}", "Dear of Tansy & Wren"),
    ],
)
def test_an_unknown_name_leaves_no_gap(text, expected):
    assert as_text(text, {**VALUES, "first_name": ""}) == expected + "\n"
    assert as_line(text, {**VALUES, "first_name": ""}) == expected


def test_lines_of_a_value_stay_lines():
    assert as_html("{outcome}", VALUES) == "<p>One.<br>Two.</p>"


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "[Click](https://evil.example)",
        "**loud**",
        "{link}",
        "- point",
        "javascript:alert(1)",
    ],
)
def test_a_name_is_never_read_as_marks(evil):
    html = as_html("Hello {first_name}, see [this]({link})", {**VALUES, "first_name": evil})

    assert "<script" not in html
    assert "<img" not in html
    assert 'evil.example"' not in html
    assert "<strong>" not in html
    assert html.count("<a ") == 1


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_a_placeholder_that_is_no_web_address_is_no_link(target):
    html = as_html("[this]({link})", {**VALUES, "link": target})

    assert "javascript" not in html
    assert "data:" not in html


@pytest.mark.parametrize("typed", ["<b onclick=x>b</b>", "<style>p{}</style>", "<iframe src=x>", "[x](javascript:x)"])
def test_html_that_staff_type_is_shown_as_typed(typed):
    html = as_html(typed, VALUES)

    assert "<b" not in html.replace("<br", "")
    assert "<style" not in html
    assert "<iframe" not in html
    assert "href" not in html


@pytest.mark.parametrize("name", ["a\r\nBcc: x@y.example", "a\nb", "a\x00b", "a\u2028b", "a\x85b"])
def test_a_subject_is_one_line(name):
    line = as_line("Hello {first_name}", {"first_name": name})

    assert line.isprintable()
    assert "\n" not in line


def test_a_placeholder_that_does_not_exist_is_answered_with_the_one_that_was_meant(db):
    names = allowed(mail_named("complaint_received"))

    assert complaints("Hi {frist_name}, {number} {password} {First_name} {{shop}}", names) == [
        "There is no placeholder {frist_name}; did you mean {first_name}?",
        "There is no placeholder {password}; those of this mail are listed beside the text.",
        "There is no placeholder {First_name}; did you mean {first_name}?",
    ]


def test_fields_of_the_shops_own_are_placeholders(db):
    CustomField.objects.create(key="pet", label="Pet", kind="text")

    names = allowed(mail_named("preferences_link"))

    assert names["custom.pet"] == "Pet"
    assert complaints("{custom.pet} {custom.cat}", names) == [
        "There is no placeholder {custom.cat}; did you mean {custom.pet}?"
    ]
