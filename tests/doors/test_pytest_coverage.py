import ast
from textwrap import dedent

import pytest

from doors.pytest_coverage import SAY, marked

SOURCE = '''\
"""What this is."""

from __future__ import annotations


def decorated(verb):
    return verb


@decorated
@decorated
def twice(number):
    """A docstring is no statement."""
    if number > 3:
        return "many"
    elif number < 0:
        raise ValueError
    for one in range(number):
        try:
            int("x")
        except ValueError:
            continue
        finally:
            number += 1
    else:
        number += 1
    match number:
        case 0:
            return "none"
        case _:
            return "some"


class Thing:
    """A docstring."""

    name: str = "thing"
'''


def lines_that_run(source, *then):
    tree, ran = ast.parse(source), set()
    marked(tree)
    names = {SAY: ran.add}
    exec(compile(tree, "source.py", "exec", dont_inherit=True), names)
    for line in then:
        exec(line, names)
    return ran, names


def lines_of(source, *texts):
    return {number for number, line in enumerate(source.splitlines(), 1) if line.strip() in texts}


def test_what_is_loaded_says_its_lines_and_what_is_not_called_stays_silent():
    ran, names = lines_that_run(SOURCE)

    defined = lines_of(
        SOURCE, "def decorated(verb):", "return verb", "@decorated", "def twice(number):", "class Thing:"
    )
    assert ran == defined | lines_of(SOURCE, 'name: str = "thing"')
    assert (names["__doc__"], names["twice"].__doc__) == ("What this is.", "A docstring is no statement.")


def test_each_branch_says_its_lines_when_it_is_taken():
    before = lines_that_run(SOURCE)[0]

    ran = lines_that_run(SOURCE, "twice(2)")[0] - before

    silent = lines_of(SOURCE, 'return "many"', "raise ValueError", 'return "none"', "case 0:")
    inside = set(range(14, 32)) - lines_of(SOURCE, "finally:", "else:")
    assert ran == inside - silent


def test_an_error_names_the_line_it_had_before():
    source = dedent("""\
        def fails():
            one = 1
            return one / 0
        """)

    with pytest.raises(ZeroDivisionError) as told:
        lines_that_run(source, "fails()")

    assert told.traceback[-1].lineno == 2  # counted from 0
