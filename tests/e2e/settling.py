"""After another width or theme a page is looked at once it is drawn, and once nothing moves or fades any more."""

SETTLED = """() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
    .then(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity))
    .then((ending) => Promise.allSettled(ending.map((one) => one.finished)))
    .then(() => null)"""


def settle(page):
    page.evaluate(SETTLED)
