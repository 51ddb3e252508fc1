"""Lines without a quote are taken apart many at a time; what comes out is what one by one would give."""

import io
import itertools

from hypothesis import given
from hypothesis import strategies as st

from crm.imports import reading
from crm.imports.columns import Mapping
from crm.imports.reasons import Refused

CELLS = st.text(alphabet='ab;," \r\n\t\0é', max_size=6)


def one_by_one(text, delimiter):
    block, _ends = reading._one_by_one(iter(io.StringIO(text, newline="")), delimiter, 1, len(text) + 1)
    return block


def outcome(read):
    try:
        return [(line, type(row), [*row]) for line, row in read()]
    except Refused as refused:
        return refused.code


@given(st.lists(CELLS, max_size=12).map("\n".join), st.sampled_from([1, 2, 5]))
def test_in_blocks_a_file_reads_as_it_does_line_by_line(text, size):
    before, reading.BLOCK = reading.BLOCK, size
    try:
        blocks = outcome(
            lambda: [*itertools.chain.from_iterable(reading._blocks(iter(io.StringIO(text, newline="")), ","))]
        )
    finally:
        reading.BLOCK = before

    assert blocks == outcome(lambda: one_by_one(text, ","))


def test_lines_are_counted_through_rows_that_go_on_below():
    text = 'a,b\n1,2\n\n"3\n3",4\n5,6\n' + "7,8\n" * reading.BLOCK + '9,"9\n9"\n10,11\n'

    rows = [*reading.rows_of(io.StringIO(text, newline=""), Mapping())]

    assert [rows[at] for at in (0, 1, 2, -2, -1)] == [
        (2, ["1", "2"]),
        (4, ["3\n3", "4"]),
        (6, ["5", "6"]),
        (507, ["9", "9\n9"]),
        (509, ["10", "11"]),
    ]
