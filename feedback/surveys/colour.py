"""The shop's colour on the form: readable on paper and at night, whatever was chosen.

OKLab (B. Ottosson 2020) so that a colour that is too light or too dark is moved without changing its hue;
contrast as WCAG 2.2 defines it, 4.5 : 1 for text.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from shop.formats import number

ENOUGH = 4.5
# The papers of static/css/tokens.css, and what is written on the accent.
LIGHT, DARK = (0.976, 0.001, 0.007), (0.185, 0.002, 0.007)
WHITE, BLACK = "#ffffff", "#14110d"

Lab = tuple[float, float, float]
Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Tones:
    """The chosen colour as it is used: `accent`, `deep` under the pointer, `ink` on it. First by day, then at night."""

    accent: tuple[str, str]
    deep: tuple[str, str]
    ink: tuple[str, str]
    changed: tuple[bool, bool]  # it was not readable as chosen

    @property
    def contrast(self) -> tuple[float, float]:
        day, night = self.accent
        return contrast(linear(day), from_lab(LIGHT)), contrast(linear(night), from_lab(DARK))

    @property
    def shown(self) -> list[tuple[str, str, str, str, str, str, bool]]:
        """(name, paper, ink, accent, ink on it, contrast, whether it was moved) by day and at night, to be drawn."""
        papers = ((_("By day"), as_hex(from_lab(LIGHT)), BLACK), (_("At night"), as_hex(from_lab(DARK)), "#e9e6e1"))
        return [
            (name, paper, ink, self.accent[at], self.ink[at], number(self.contrast[at], 1), self.changed[at])
            for at, (name, paper, ink) in enumerate(papers)
        ]

    @property
    def css(self) -> str:
        pairs = {"accent": self.accent, "accent-deep": self.deep, "accent-ink": self.ink, "focus": self.accent}
        lines = [f"--color-{name}: light-dark({day}, {night});" for name, (day, night) in pairs.items()]
        return f":root {{ {' '.join(lines)} }}\n"


def tones(chosen: str) -> Tones:
    day, night = readable(chosen, LIGHT, -1), readable(chosen, DARK, 1)
    deep = (moved(day, -0.07), moved(night, 0.07))
    return Tones((day, night), deep, (ink_on(day), ink_on(night)), (day != chosen, night != chosen))


def readable(chosen: str, paper: Lab, way: int) -> str:
    """The nearest shade of it that can be read on a paper, and on which something can be written."""
    shade = chosen
    for step in range(1, 101):
        on_paper, under_ink = contrast(linear(shade), from_lab(paper)), contrast(linear(shade), linear(ink_on(shade)))
        if min(on_paper, under_ink) >= ENOUGH:
            break
        shade = moved(chosen, way * step * 0.01)
    return shade


def ink_on(shade: str) -> str:
    return max((WHITE, BLACK), key=lambda ink: contrast(linear(shade), linear(ink)))


def moved(shade: str, by: float) -> str:
    """Lighter or darker."""
    light, a, b = to_lab(linear(shade))
    return as_hex(from_lab((min(max(light + by, 0.0), 1.0), a, b)))


def contrast(one: Rgb, other: Rgb) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(rgb: Rgb) -> float:
    red, green, blue = rgb
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(shade: str) -> Rgb:
    def one(start: int) -> float:
        value = int(shade[start : start + 2], 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return one(1), one(3), one(5)


def as_hex(rgb: Rgb) -> str:
    def one(value: float) -> int:
        value = min(max(value, 0.0), 1.0)
        curved = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
        return round(curved * 255)

    return "#" + "".join(f"{one(value):02x}" for value in rgb)


def to_lab(rgb: Rgb) -> Lab:
    red, green, blue = rgb
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def from_lab(lab: Lab) -> Rgb:
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
