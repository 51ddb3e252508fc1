"""Charts drawn on the server as SVG and HTML, without a script: `{% chart object %}` puts one on a page.

Shares are fractions (0.907), drawn and written as percent. What is not over yet is `open` and drawn so.
Every chart gives `columns` and `rows()` for the table behind it, and `download.csv_response` makes a file of them.
"""

from shop.charts.bars import Bar, BarChart
from shop.charts.base import Column
from shop.charts.heat import Cell, HeatMap, HeatRow
from shop.charts.line_chart import LineChart
from shop.charts.lines import Line, Point, Remark, Strip
from shop.charts.rhythm import Order, Rhythm
from shop.charts.rows import RowChart
from shop.charts.stack import Part, Stack
from shop.charts.tile import Tile
from shop.charts.waterfall import Step, Waterfall
from shop.charts.whisker import Whisker

__all__ = [
    "Bar",
    "BarChart",
    "Cell",
    "Column",
    "HeatMap",
    "HeatRow",
    "Line",
    "LineChart",
    "Order",
    "Part",
    "Point",
    "Remark",
    "Rhythm",
    "RowChart",
    "Stack",
    "Step",
    "Strip",
    "Tile",
    "Waterfall",
    "Whisker",
]
